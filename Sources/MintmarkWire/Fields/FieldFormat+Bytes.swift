/// Bytes as they are.
enum BytesFormat: ByteFieldFormat {
    @inline(__always)
    static func accepts(_ range: Range<Int>, in body: RawSpan) -> Bool { true }

    static func copy(_ value: Range<Int>, from body: RawSpan) -> [UInt8] { body.array(value) }

    static func length(of copy: [UInt8]) -> Int? { copy.count }

    static func append(_ copy: [UInt8], to output: inout OutputSpan<UInt8>) {
        output.append(copying: unsafe copy.span.bytes)
    }
}

/// The eight bytes of the magic, and no others. They carry nothing, so there is no value.
enum MagicFormat: ByteFieldFormat {
    static func accepts(_ range: Range<Int>, in body: RawSpan) -> Bool {
        body.bigEndian(UInt64.self, at: range.lowerBound) == ProtocolIdentity.magic
    }

    static func copy(_ value: Range<Int>, from body: RawSpan) {}

    static func length(of copy: Void) -> Int? { 8 }

    static func append(_ copy: Void, to output: inout OutputSpan<UInt8>) {
        output.append(bigEndian: ProtocolIdentity.magic)
    }
}

/// Well-formed UTF-8.
enum TextFormat: ByteFieldFormat {
    typealias Copy = String

    static func accepts(_ range: Range<Int>, in body: RawSpan) -> Bool { body.isText(in: range) }
}

/// Text that names somebody: without the control characters U+0000...U+001F and U+007F, which would make two names look
/// the same in logs and reports.
enum NameFormat: ByteFieldFormat {
    typealias Copy = String

    static func accepts(_ range: Range<Int>, in body: RawSpan) -> Bool { body.isName(in: range) }
}

/// Scope tokens separated by single spaces (RFC 6749 section 3.3).
enum ScopeFormat: ByteFieldFormat {
    typealias Copy = String

    static func accepts(_ range: Range<Int>, in body: RawSpan) -> Bool { body.isScope(in: range) }
}
