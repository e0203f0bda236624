/// A value and where it came from.
struct Located<Value> {
    let value: Value
    let origin: ConfigurationOrigin
    /// False where the value only stands in for one that could not be read: not worth comparing with others.
    let isSound: Bool
}

/// Turns layers of configuration into values, collecting every fault on the way.
///
/// The strongest layer that has a setting decides its value; weaker ones must be right all the same.
struct ConfigurationDecoder {
    let layers: [ConfigurationNode]
    let defaultsAreSound: Bool
    private(set) var faults: [ConfigurationFault] = []
    private(set) var effective: [EffectiveSetting] = []

    /// - Parameters:
    ///   - layers: the strongest first.
    ///   - defaultsAreSound: false where a layer is missing that might have set anything.
    init(layers: [ConfigurationNode], defaultsAreSound: Bool) {
        self.layers = layers
        self.defaultsAreSound = defaultsAreSound
    }

    /// The value of a setting: as set, else its default, else `computed`, which a setting without a default needs.
    mutating func value<Value>(_ setting: Setting<Value>, default computed: Value? = nil) -> Located<Value> {
        guard let fallback = setting.defaultValue ?? computed else {
            preconditionFailure("\(setting.name) has no default, and its reader gave none")
        }
        let located = decode(setting.description, fallback: fallback) { decoder, node in
            decoder.parse(node, setting.name, setting.type)
        }
        let text = setting.type.render(located.value)
        // Only what no source has set can be nothing.
        let isUnset = located.origin == .builtIn && text == SettingText.none
        record(setting.name, text, located.origin, isUnset: isUnset, isText: setting.type.isText)
        return located
    }

    /// The items of a list, in the order written.
    mutating func list<Item>(_ setting: ListSetting<Item>) -> Located<[Item]> {
        let located = decode(setting.description, fallback: setting.defaultItems) { decoder, node in
            decoder.parseItems(node, setting)
        }
        record(setting.name, setting.render(located.value), located.origin)
        return located
    }

    /// Decodes the place of `setting` in every layer; the strongest layer that has it wins.
    mutating func decode<Value>(
        _ setting: SettingDescription,
        fallback: Value,
        with parse: (inout Self, ConfigurationNode) -> Value?
    ) -> Located<Value> {
        var winner: Located<Value>?
        for node in layers.compactMap({ $0[setting.path] }) {
            let value = parse(&self, node)
            winner = winner ?? Located(value: value ?? fallback, origin: node.origin, isSound: value != nil)
        }
        return winner ?? Located(value: fallback, origin: .builtIn, isSound: defaultsAreSound)
    }

    /// The value that one scalar spells; nil, with a fault, where it spells none.
    mutating func parse<Value>(_ node: ConfigurationNode, _ name: String, _ type: SettingType<Value>) -> Value? {
        guard node.content != .refused else { return nil }
        guard case .scalar(let text, let isQuoted) = node.content, !isQuoted || type.acceptsQuotes else {
            unexpected(node, name, type.expectation)
            return nil
        }
        do throws(SettingMismatch) {
            return try type.parse(text)
        } catch {
            switch error {
            case .unexpected: unexpected(node, name, type.expectation)
            case .refused(let reason): fault(node.origin, "\(name): '\(text.excerpt)' \(reason)")
            case .secret(let reason): fault(node.origin, "\(name): \(reason)")
            }
            return nil
        }
    }

    /// Everything that is allowed; nil: anything.
    mutating func restriction<Item>(_ setting: RestrictionSetting<Item>) -> Located<[Item]?> {
        let located = decode(setting.description, fallback: nil) { decoder, node -> [Item]?? in
            if case .scalar(RestrictionSetting<Item>.any, isQuoted: false) = node.content {
                return .some(nil)
            }
            let list = setting.list
            return decoder.parseItems(node, list, expectation: "any or a list").map { .some($0) }
        }
        record(setting.name, setting.render(located.value), located.origin)
        return located
    }

    private mutating func parseItems<Item>(
        _ node: ConfigurationNode,
        _ setting: ListSetting<Item>,
        expectation: String? = nil
    ) -> [Item]? {
        guard case .sequence(let nodes) = node.content else {
            let items = setting.exampleItems ?? setting.defaultItems
            let example =
                items.isEmpty ? "a list of \(setting.itemType.name)" : "a list such as \(setting.render(items))"
            if node.content != .refused { unexpected(node, setting.name, expectation ?? example) }
            return nil
        }
        guard nodes.count <= setting.countMax else {
            fault(node.origin, "\(setting.name): expected at most \(setting.countMax) items, found \(nodes.count)")
            return nil
        }
        var items: [Item] = []
        var seen: Set<Item> = []
        for node in nodes {
            guard let item = parse(node, setting.name, setting.itemType) else { continue }
            if setting.mayRepeat(item) || seen.insert(item).inserted {
                items.append(item)
            } else {
                fault(node.origin, "\(setting.name): \(setting.itemType.render(item)) occurs twice")
            }
        }
        return items.count == nodes.count ? items : nil
    }

    mutating func record(
        _ name: String,
        _ value: String,
        _ origin: ConfigurationOrigin,
        isUnset: Bool = false,
        isText: Bool = false
    ) {
        let yaml = isText ? YAMLText.scalar(value) : value
        effective.append(EffectiveSetting(name: name, value: value, yaml: isUnset ? nil : yaml, origin: origin))
    }

    /// Says that a file which sets everything must not set this.
    mutating func leaveOut(_ name: String) {
        for index in effective.indices where effective[index].name == name { effective[index].yaml = nil }
    }

    mutating func fault(_ origin: ConfigurationOrigin, _ message: String) {
        faults.append(ConfigurationFault(origin: origin, message: message))
    }

    mutating func unexpected(_ node: ConfigurationNode, _ name: String, _ expectation: String) {
        fault(node.origin, "\(name): expected \(expectation), found \(node.summary)")
    }
}
