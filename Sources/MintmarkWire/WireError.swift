/// Why bytes are no message, or why values make no frame. A plain value: throwing one allocates nothing.
public struct WireError: Error, Hashable, Sendable {
    /// What is wrong.
    public let status: Status

    /// The tag of the field at fault, known or not; nil where no one field is.
    public let field: UInt8?

    /// The length, count or number that was found, where that is the fault.
    public let found: UInt64?

    /// What `found` should have been among.
    public let allowed: ClosedRange<UInt64>?

    /// Makes an error.
    public init(_ status: Status, field: UInt8? = nil, found: UInt64? = nil, allowed: ClosedRange<UInt64>? = nil) {
        self.status = status
        self.field = field
        self.found = found
        self.allowed = allowed
    }
}

extension WireError {
    /// The same field under the one status that all faults of a message are answered with: HELLO_INVALID for HELLO,
    /// AUTH_FAILED for AUTH. Nothing else is told then.
    public func answered(as status: Status) -> WireError { WireError(status, field: field) }
}

extension WireError: CustomStringConvertible {
    /// One line for people: what the status means, the field, and the numbers or what is allowed; never the value.
    public var words: String { words(telling: nil) }

    /// The same with something else in place of the numbers, which must not tell of the value either.
    package func words(telling detail: String?) -> String {
        let details = [field.map(Self.name), detail ?? numbers ?? allowedValues].compactMap(\.self)
        return details.isEmpty ? status.sentence : "\(status.sentence) (\(details.joined(separator: ": ")))"
    }

    /// The same behind the status' name.
    public var description: String { "\(status.name): \(words)" }

    private static func name(of field: UInt8) -> String { Tag(rawValue: field)?.name ?? "field \(field)" }

    private var numbers: String? {
        guard let found else { return nil }
        guard let allowed else { return "\(found)" }
        return "\(found), " + (allowed.upperBound == .max ? "at least \(allowed.lowerBound)" : "not in \(allowed)")
    }

    private var allowedValues: String? {
        guard status == .fieldValue, let values = field.flatMap(Tag.init(rawValue:))?.allowedValues else { return nil }
        return "allowed is \(values)"
    }
}
