/// One setting: its place in the tree, what it accepts, what it is without being set, and what it means.
///
/// The declaration is the only place that knows any of this: reading, checking, error messages and the reference all
/// come from it. Immutable.
struct Setting<Value: Sendable>: Sendable {
    /// The path in the file, its keys joined by dots.
    let name: String
    let type: SettingType<Value>
    /// nil where the default is known only at start.
    let defaultValue: Value?
    /// The default in words, where it is no constant.
    let defaultMeaning: String
    /// The daemon's flag for it.
    let flag: String?
    let meaning: String

    init(
        _ name: String,
        _ type: SettingType<Value>,
        default defaultValue: Value,
        flag: String? = nil,
        _ meaning: String
    ) {
        self.name = name
        self.type = type
        self.defaultValue = defaultValue
        self.defaultMeaning = type.render(defaultValue)
        self.flag = flag
        self.meaning = meaning
    }

    init(
        _ name: String,
        _ type: SettingType<Value>,
        defaultMeaning: String,
        flag: String? = nil,
        _ meaning: String
    ) {
        self.name = name
        self.type = type
        self.defaultValue = nil
        self.defaultMeaning = defaultMeaning
        self.flag = flag
        self.meaning = meaning
    }
}

/// What the reference says about a setting. Immutable.
package struct SettingDescription: Sendable, Equatable {
    /// The path in the file, its keys joined by dots.
    package let name: String
    /// Such as `duration`, `size` or `list of address`.
    package let type: String
    /// What may be written, such as `1s to 5m`.
    package let range: String
    /// What a bare number counts, or the units to choose from; empty where there is none.
    package let unit: String
    package let defaultText: String
    /// The daemon's flag for it, if it has one.
    package let flag: String?
    package let meaning: String
    /// Whether the environment variable holds a list, its items separated by commas.
    package let isList: Bool
    /// `MINTMARK_` and the path in upper case, its keys joined by underscores.
    package let environmentName: String
    /// A word that is written in place of a list; nil where there is none.
    let word: String?
    /// The keys of ``name``, outermost first.
    let path: [Substring]

    /// Whether SIGHUP takes it over; otherwise it takes effect at the next start.
    var isReloaded: Bool { Reloads.takeOver(name) }

    init(
        name: String,
        type: String,
        range: String,
        unit: String,
        defaultText: String,
        flag: String?,
        meaning: String,
        isList: Bool,
        word: String? = nil
    ) {
        self.name = name
        self.type = type
        self.range = range
        self.unit = unit
        self.defaultText = defaultText
        self.flag = flag
        self.meaning = meaning
        self.isList = isList
        self.word = word
        path = name.split(separator: ".")
        environmentName = EnvironmentLayer.prefix + path.joined(separator: "_").uppercased()
    }
}

/// Anything that the reference describes: one value or a list of values.
protocol DescribedSetting: Sendable {
    var description: SettingDescription { get }
}

extension Setting: DescribedSetting {
    var description: SettingDescription {
        SettingDescription(
            name: name,
            type: type.name,
            range: type.range,
            unit: type.unit,
            defaultText: defaultMeaning,
            flag: flag,
            meaning: meaning,
            isList: false
        )
    }
}

/// A setting that holds a list of values. Immutable.
struct ListSetting<Item: Sendable & Hashable>: Sendable {
    let name: String
    let itemType: SettingType<Item>
    let countMax: Int
    /// Whether an item may occur more than once.
    var mayRepeat: @Sendable (Item) -> Bool = { _ in false }
    var defaultItems: [Item] = []
    /// What an error message shows as an example; the default where it is nil.
    var exampleItems: [Item]?
    var flag: String?
    let meaning: String
}

/// A setting that holds a list of everything that is allowed, or the word `any`, which is the default. Immutable.
struct RestrictionSetting<Item: Sendable & Hashable>: DescribedSetting {
    static var any: String { "any" }

    let name: String
    let itemType: SettingType<Item>
    let countMax: Int
    let meaning: String

    /// The same without the word.
    var list: ListSetting<Item> {
        ListSetting(name: name, itemType: itemType, countMax: countMax, meaning: meaning)
    }

    var description: SettingDescription {
        SettingDescription(
            name: name,
            type: "any or list of \(itemType.name)",
            range: "any, or at most \(countMax), each \(itemType.range)",
            unit: itemType.unit,
            defaultText: Self.any,
            flag: nil,
            meaning: meaning,
            isList: true,
            word: Self.any
        )
    }

    func render(_ items: [Item]?) -> String {
        items.map(list.render) ?? Self.any
    }
}

extension ListSetting: DescribedSetting {
    var description: SettingDescription {
        SettingDescription(
            name: name,
            type: "list of \(itemType.name)",
            range: "at most \(countMax), each \(itemType.range)",
            unit: itemType.unit,
            defaultText: render(defaultItems),
            flag: flag,
            meaning: meaning,
            isList: true
        )
    }

    func render(_ items: [Item]) -> String {
        let texts = items.map { itemType.isText ? YAMLText.scalar(itemType.render($0)) : itemType.render($0) }
        return "[\(texts.joined(separator: ", "))]"
    }
}
