/// How the values of a field are laid out.
///
/// `Value` is what decoding in place yields: the number, or where the bytes lie. `Copy` is the same value on its own, as
/// owned messages hold it.
protocol FieldFormat {
    associatedtype Value: Sendable
    associatedtype Copy: Sendable

    /// The name of the format in the registry.
    /// What `required` returns for a missing field until `finish` throws.
    static var standIn: Value { get }

    /// The value in `range`, or FIELD_SIZE or FIELD_VALUE if its size or its content are not what `field` allows.
    ///
    /// A result, because the compiler (6.3) does not see through a requirement with typed throws.
    static func value(of field: Field<Self>, at range: Range<Int>, in body: RawSpan) -> Result<Value, WireError>

    /// The copy of a value that was read from `body`.
    static func copy(_ value: Value, from body: RawSpan) -> Copy

    /// The bytes that `append` will append; nil if the format cannot hold the value.
    static func length(of copy: Copy) -> Int?

    /// Appends the value's bytes.
    static func append(_ copy: Copy, to output: inout OutputSpan<UInt8>)
}

/// A format whose values are `allowed` bytes long and are read in place.
protocol ByteFieldFormat: FieldFormat where Value == Range<Int> {
    /// Whether the content is what the format allows.
    static func accepts(_ range: Range<Int>, in body: RawSpan) -> Bool
}

extension ByteFieldFormat {
    @inline(__always)
    static var standIn: Range<Int> { 0..<0 }

    @inline(__always)
    static func value(of field: Field<Self>, at range: Range<Int>, in body: RawSpan) -> Result<Range<Int>, WireError> {
        guard field.allowed.contains(UInt64(range.count)) else {
            return .failure(field.error(.fieldSize, found: UInt64(range.count)))
        }
        return accepts(range, in: body) ? .success(range) : .failure(field.valueError)
    }
}

extension ByteFieldFormat where Copy == String {
    static func copy(_ value: Range<Int>, from body: RawSpan) -> String { body.string(value) }

    static func length(of copy: String) -> Int? { copy.utf8.count }

    static func append(_ copy: String, to output: inout OutputSpan<UInt8>) { output.append(utf8: copy) }
}
