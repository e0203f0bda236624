/// One of the numbers that STATS answers.
public struct Counter: Hashable, Sendable {
    /// What was counted: ASCII, at least one character.
    public var name: String
    /// How often.
    public var value: UInt64

    /// Makes a counter.
    public init(name: String, value: UInt64) {
        self.name = name
        self.value = value
    }
}
