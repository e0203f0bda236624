/// A field of the protocol: its tag, and what its values look like.
///
/// `Format` says how a value is laid out, and so which Swift type stands for it; `allowed` bounds the number itself for
/// numbers, the items for lists, and the bytes for everything else.
struct Field<Format: FieldFormat>: Sendable {
    let tag: Tag
    let allowed: ClosedRange<UInt64>

    @inline(__always)
    init(_ tag: Tag, _ allowed: ClosedRange<UInt64> = 0...UInt64.max) {
        self.tag = tag
        self.allowed = allowed
    }

    @inline(__always)
    init(_ tag: Tag, _ allowed: ClosedRange<Int>) {
        self.init(tag, UInt64(allowed.lowerBound)...UInt64(allowed.upperBound))
    }

    @inline(__always)
    init(_ tag: Tag, _ allowed: PartialRangeFrom<UInt64>) {
        self.init(tag, allowed.lowerBound...UInt64.max)
    }
}

extension Field {
    /// The error of a value whose bytes, items or number `found` are outside of what the field allows.
    func error(_ status: Status, found: UInt64) -> WireError {
        WireError(status, field: tag.rawValue, found: found, allowed: allowed)
    }

    /// The error of a rule over several fields, of which this one has the lowest tag.
    var conflict: WireError { WireError(.fieldConflict, field: tag.rawValue) }

    /// The error of a value that is wrong in itself.
    var valueError: WireError { WireError(.fieldValue, field: tag.rawValue) }
}
