/// Reads the YAML text of a configuration file into a tree with positions.
///
/// A small part of YAML 1.1 is enough for settings, and the rest is refused: anchors and aliases, tags, directives,
/// more than one document, keys that are not text or occur twice, more than 16 levels, more than 10 000 values.
struct YAMLReader: ~Copyable {
    /// Greatest nesting; the outermost mapping is level 1.
    static let depthMax = 16
    /// Most scalars, lists and mappings in a file, keys counted too.
    static let nodeCountMax = 10_000

    private let file: String
    private var events: YAMLEventReader
    private var nodeCount = 0
    private var faults: [ConfigurationFault] = []

    /// - Returns: the tree, null where the text holds nothing, nil where it cannot be read to its end; and every fault found.
    static func read(_ bytes: [UInt8], file: String) -> (root: ConfigurationNode?, faults: [ConfigurationFault]) {
        if let fault = YAMLText.firstFault(in: bytes, of: file) { return (nil, [fault]) }
        var reader = YAMLReader(bytes, file: file)
        do {
            let root = try reader.readStream()
            return (root, reader.faults)
        } catch {
            return (nil, reader.faults + [error])
        }
    }

    private init(_ bytes: [UInt8], file: String) {
        self.file = file
        events = YAMLEventReader(bytes)
    }

    private mutating func readStream() throws(ConfigurationFault) -> ConfigurationNode {
        var root = ConfigurationNode(origin: .file(path: file, line: 1, column: 1), content: .null)
        var documentCount = 0
        while true {
            let event = try next()
            switch event.kind {
            case .streamEnd:
                return root
            case .documentStart(let hasDirectives):
                documentCount += 1
                guard documentCount == 1 else {
                    throw fault(event, "a file holds one YAML document, and here is another")
                }
                if hasDirectives { faults.append(fault(event, "YAML directives are not accepted")) }
                root = try readRoot(startingWith: try next())
            default:
                continue
            }
        }
    }

    /// What cannot be settings counts as an empty mapping, with its faults.
    private mutating func readRoot(startingWith event: YAMLEvent) throws(ConfigurationFault) -> ConfigurationNode {
        let node = try readNode(startingWith: event, depth: 1)
        let empty = ConfigurationNode(origin: node.origin, content: .mapping([]))
        switch node.content {
        case .mapping, .null: return node
        case .refused: return empty
        case .scalar, .sequence:
            // Not quoted: it may be the file of a key, given by mistake.
            let found = if case .sequence = node.content { node.summary } else { "other text" }
            faults.append(fault(event, "expected settings as NAME: VALUE, found \(found)"))
            return empty
        }
    }

    private mutating func readNode(
        startingWith event: YAMLEvent,
        depth: Int
    ) throws(ConfigurationFault) -> ConfigurationNode {
        nodeCount += 1
        guard nodeCount <= Self.nodeCountMax else { throw fault(event, "more than \(Self.nodeCountMax) values") }
        guard depth <= Self.depthMax else { throw fault(event, "nested more than \(Self.depthMax) levels deep") }
        if event.hasAnchor { faults.append(fault(event, "YAML anchors are not accepted")) }
        if event.hasTag { faults.append(fault(event, "YAML tags are not accepted")) }
        let content: ConfigurationNode.Content
        switch event.kind {
        case .scalar(let text, let isQuoted):
            content = !isQuoted && Self.nullSpellings.contains(text) ? .null : .scalar(text, isQuoted: isQuoted)
        case .sequenceStart:
            content = .sequence(try readItems(depth: depth + 1))
        case .mappingStart:
            content = .mapping(try readEntries(depth: depth + 1))
        case .alias:
            faults.append(fault(event, "YAML aliases are not accepted"))
            content = .refused
        case .streamStart, .streamEnd, .documentStart, .documentEnd, .sequenceEnd, .mappingEnd:
            preconditionFailure("libyaml began a value with the event \(event.kind)")
        }
        return ConfigurationNode(origin: origin(event), content: content)
    }

    private mutating func readItems(depth: Int) throws(ConfigurationFault) -> [ConfigurationNode] {
        var items: [ConfigurationNode] = []
        while true {
            let event = try next()
            if event.kind == .sequenceEnd { return items }
            items.append(try readNode(startingWith: event, depth: depth))
        }
    }

    private mutating func readEntries(depth: Int) throws(ConfigurationFault) -> [ConfigurationNode.Entry] {
        var entries: [ConfigurationNode.Entry] = []
        var firstLines: [String: Int] = [:]
        while true {
            let event = try next()
            if event.kind == .mappingEnd { return entries }
            let key = try readNode(startingWith: event, depth: depth)
            let value = try readNode(startingWith: try next(), depth: depth)
            guard case .scalar(let name, _) = key.content else {
                if key.content == .refused { continue }
                faults.append(fault(event, "expected the name of a setting, found \(key.summary)"))
                continue
            }
            if let line = firstLines[name] {
                faults.append(fault(event, "'\(name.excerpt)' occurs twice, first on line \(line)"))
                continue
            }
            firstLines[name] = event.line
            entries.append(ConfigurationNode.Entry(key: name, keyOrigin: key.origin, value: value))
        }
    }

    private mutating func next() throws(ConfigurationFault) -> YAMLEvent {
        do {
            return try events.next()
        } catch {
            let origin = ConfigurationOrigin.file(path: file, line: error.line, column: error.column)
            throw ConfigurationFault(origin: origin, message: "not YAML: \(error.problem)")
        }
    }

    private func origin(_ event: YAMLEvent) -> ConfigurationOrigin {
        .file(path: file, line: event.line, column: event.column)
    }

    private func fault(_ event: YAMLEvent, _ message: String) -> ConfigurationFault {
        ConfigurationFault(origin: origin(event), message: message)
    }

    private static let nullSpellings: Set<String> = ["", "~", "null", "Null", "NULL"]
}
