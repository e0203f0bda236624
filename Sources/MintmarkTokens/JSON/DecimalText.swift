/// A number in decimal, as JSON writes it. Kept, because times of tokens are the same for a second.
struct DecimalText: Sendable {
    private static let digitsMax = 20

    private var number: UInt64 = 0
    /// The text stands at the end of these, from `start` on.
    private var digits = InlineArray<20, UInt8>(repeating: ASCII.zero)
    private var start = digitsMax - 1

    /// Becomes that of `number`.
    @inline(__always)
    mutating func set(_ number: UInt64) {
        if number != self.number { write(number) }
    }

    private mutating func write(_ number: UInt64) {
        self.number = number
        var rest = number
        start = Self.digitsMax
        repeat {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            start -= 1
            digits[start] = ASCII.zero + UInt8(digit)
            rest = quotient
        } while rest > 0
    }

    /// Appends it to `output`, where there must be room.
    @inline(__always)
    func append(to output: inout OutputSpan<UInt8>) {
        output.append(copying: digits.span.bytes.extracting(start..<Self.digitsMax))
    }
}
