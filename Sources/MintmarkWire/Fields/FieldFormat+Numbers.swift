/// A format whose values are as wide as `Number` and are read as such.
protocol NumberFieldFormat: FieldFormat where Copy == Value {
    associatedtype Number: FixedWidthInteger & UnsignedInteger & BitwiseCopyable & Sendable

    /// The value that a number stands for, or nil if there is none.
    static func value(from number: Number) -> Value?

    static func number(from value: Value) -> Number

    /// The numbers that stand for a value in any field, for the words of an error; nil: all of them may.
    static var numbers: ClosedRange<UInt64>? { get }
}

extension NumberFieldFormat {
    static var numbers: ClosedRange<UInt64>? { nil }

    @inline(__always)
    static func value(of field: Field<Self>, at range: Range<Int>, in body: RawSpan) -> Result<Value, WireError> {
        let width = Number.bitWidth / 8
        guard range.count == width else {
            let allowed = UInt64(width)...UInt64(width)
            return .failure(
                WireError(.fieldSize, field: field.tag.rawValue, found: UInt64(range.count), allowed: allowed)
            )
        }
        let number = body.bigEndian(Number.self, at: range.lowerBound)
        guard field.allowed.contains(UInt64(number)), let value = value(from: number) else {
            let allowed = numbers ?? field.allowed
            return .failure(
                WireError(.fieldValue, field: field.tag.rawValue, found: UInt64(number), allowed: allowed)
            )
        }
        return .success(value)
    }

    static func copy(_ value: Value, from body: RawSpan) -> Value { value }

    @inline(__always)
    static func length(of copy: Value) -> Int? { Number.bitWidth / 8 }

    @inline(__always)
    static func append(_ copy: Value, to output: inout OutputSpan<UInt8>) {
        output.append(bigEndian: number(from: copy))
    }
}

/// A big-endian number.
enum NumberFormat<Number: FixedWidthInteger & UnsignedInteger & BitwiseCopyable & Sendable>: NumberFieldFormat {
    typealias Value = Number

    static var standIn: Number { 0 }

    @inline(__always)
    static func value(from number: Number) -> Number? { number }

    @inline(__always)
    static func number(from value: Number) -> Number { value }
}

/// One byte: 01 for true, 00 for false.
enum FlagFormat: NumberFieldFormat {
    static var standIn: Bool { false }

    static var numbers: ClosedRange<UInt64>? { 0...1 }

    @inline(__always)
    static func value(from number: UInt8) -> Bool? {
        switch number {
        case 0: false
        case 1: true
        default: nil
        }
    }

    @inline(__always)
    static func number(from value: Bool) -> UInt8 { value ? 1 : 0 }
}

/// A flag that is there to be set: 01 only.
enum TrueFormat: NumberFieldFormat {
    static var standIn: Bool { true }

    static var numbers: ClosedRange<UInt64>? { 1...1 }

    @inline(__always)
    static func value(from number: UInt8) -> Bool? { number == 1 ? true : nil }

    @inline(__always)
    static func number(from value: Bool) -> UInt8 { value ? 1 : 0 }
}

/// A status number, known or not.
enum StatusFormat: NumberFieldFormat {
    static var standIn: StatusCode { StatusCode(rawValue: 0) }

    @inline(__always)
    static func value(from number: UInt16) -> StatusCode? { StatusCode(rawValue: number) }

    @inline(__always)
    static func number(from value: StatusCode) -> UInt16 { value.rawValue }
}

/// One byte that selects among the cases of `Choice`.
enum ChoiceFormat<Choice>: NumberFieldFormat
where Choice: RawRepresentable<UInt8> & CaseIterable & Sendable, Choice.AllCases == [Choice] {
    static var standIn: Choice { Choice.allCases[0] }

    @inline(__always)
    static func value(from number: UInt8) -> Choice? { Choice(rawValue: number) }

    @inline(__always)
    static func number(from value: Choice) -> UInt8 { value.rawValue }
}
