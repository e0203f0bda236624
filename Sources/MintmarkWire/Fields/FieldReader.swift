/// Walks the fields of one body, in the order of their tags.
///
/// A message asks for its fields one after the other, lowest tag first, and finishes. Which error a wrong body gets is
/// fixed, so that all implementations agree:
///
/// 1. The first fault in the order of the bytes. Within one field that is the tag (FIELD_DUPLICATE, FIELD_ORDER,
///    FIELD_UNKNOWN), then the length (FIELD_LENGTH_FORM, FIELD_TRUNCATED), then the value's size (FIELD_SIZE), then the
///    value (FIELD_VALUE).
/// 2. FIELD_MISSING for the missing field with the lowest tag.
/// 3. FIELD_CONFLICT, found by the message itself behind `finish`, with the lowest tag that the rule names.
///
/// Keeps an offset only; the same body must be passed to every call. Allocates nothing.
struct FieldReader {
    private var offset = 0
    /// The tag of the last field that was read; below every tag at first.
    private var lastTag = -1
    private var firstMissing: Tag?

    /// The next field's value if the next field is `field`, else nil.
    @inline(__always)
    mutating func optional<Format>(
        _ field: Field<Format>,
        in body: RawSpan
    ) throws(WireError) -> Format.Value? {
        guard offset < body.byteCount else { return nil }
        let tag = body.byte(at: offset)
        guard tag == field.tag.rawValue else {
            // A higher tag may be of a later field. A lower one was to come before, if at all.
            if tag > field.tag.rawValue { return nil }
            throw misplaced(tag)
        }
        let range = try valueRange(tag: tag, in: body)
        return try Format.value(of: field, at: range, in: body).get()
    }

    /// The next field's value if the next field is `field`; else a stand-in, and `finish` throws.
    @inline(__always)
    mutating func required<Format>(
        _ field: Field<Format>,
        in body: RawSpan
    ) throws(WireError) -> Format.Value {
        if let value = try optional(field, in: body) { return value }
        if firstMissing == nil { firstMissing = field.tag }
        return Format.standIn
    }

    /// Reads what is left: fields that may be skipped. Throws if there are others, or if a required field was missing.
    mutating func finish(in body: RawSpan) throws(WireError) {
        while offset < body.byteCount {
            let tag = body.byte(at: offset)
            if tag < Tag.firstSkippable || Int(tag) <= lastTag { throw misplaced(tag) }
            _ = try valueRange(tag: tag, in: body)
        }
        if let firstMissing { throw WireError(.fieldMissing, field: firstMissing.rawValue) }
    }

    /// Why a field with this tag cannot come next.
    private func misplaced(_ tag: UInt8) -> WireError {
        if Int(tag) == lastTag { return WireError(.fieldDuplicate, field: tag) }
        return WireError(Int(tag) < lastTag ? .fieldOrder : .fieldUnknown, field: tag)
    }

    /// Reads tag and length, and returns where the value lies.
    @inline(__always)
    private mutating func valueRange(tag: UInt8, in body: RawSpan) throws(WireError) -> Range<Int> {
        lastTag = Int(tag)
        offset += 1
        let length = try length(tag: tag, in: body)
        let start = offset
        guard length <= body.byteCount - start else { throw WireError(.fieldTruncated, field: tag) }
        offset = start + length
        return start..<offset
    }

    /// Reads a LEB128 length of at most three bytes in its shortest form.
    @inline(__always)
    private mutating func length(tag: UInt8, in body: RawSpan) throws(WireError) -> Int {
        guard offset < body.byteCount else { throw WireError(.fieldTruncated, field: tag) }
        let first = body.byte(at: offset)
        offset += 1
        return first < 0x80 ? Int(first) : try longLength(first, tag: tag, in: body)
    }

    private mutating func longLength(_ first: UInt8, tag: UInt8, in body: RawSpan) throws(WireError) -> Int {
        var length = Int(first & 0x7F)
        for shift in stride(from: 7, through: 14, by: 7) {
            guard offset < body.byteCount else { throw WireError(.fieldTruncated, field: tag) }
            let byte = body.byte(at: offset)
            offset += 1
            if byte == 0 { break }
            length |= Int(byte & 0x7F) << shift
            if byte < 0x80 { return length }
        }
        throw WireError(.fieldLengthForm, field: tag)
    }
}

extension FieldReader {
    /// Like `optional`, but a copy of the value that outlives the body.
    mutating func optionalCopy<Format>(
        _ field: Field<Format>,
        in body: RawSpan
    ) throws(WireError) -> Format.Copy? {
        guard let value = try optional(field, in: body) else { return nil }
        return Format.copy(value, from: body)
    }

    /// Like `required`, but a copy of the value that outlives the body.
    mutating func requiredCopy<Format>(
        _ field: Field<Format>,
        in body: RawSpan
    ) throws(WireError) -> Format.Copy {
        Format.copy(try required(field, in: body), from: body)
    }
}
