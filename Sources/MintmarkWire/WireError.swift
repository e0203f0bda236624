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
    /// One line for people: the status' name, the field and the numbers, never the value.
    public var message: String {
        var message = status.name
        if let field {
            message += " in " + (Tag(rawValue: field)?.name ?? "field \(field)")
        }
        guard let found else { return message }
        message += ": \(found)"
        guard let allowed else { return message }
        return message + (allowed.upperBound == .max ? ", at least \(allowed.lowerBound)" : ", not in \(allowed)")
    }

    /// The message.
    public var description: String { message }
}
