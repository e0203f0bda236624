/// Numbers of seven bits a byte, the lowest first, in their shortest form only.
enum LEB128 {
    /// The longest encoding of a 64-bit number.
    static let byteCountMax = 10

    static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }
}

extension ByteReader {
    /// The next number; fails the reader where none is, or one that is not in its shortest form.
    mutating func readLEB128(from bytes: RawSpan) -> UInt64 {
        var value: UInt64 = 0
        for place in 0..<LEB128.byteCountMax {
            let byte = readUInt8(from: bytes)
            let bits = UInt64(byte & 0x7F)
            let isOverflow = place == LEB128.byteCountMax - 1 && byte > 1
            let isLonger = place > 0 && byte == 0
            guard !isFailed, !isOverflow, !isLonger else {
                fail()
                return 0
            }
            value |= bits << UInt64(7 * place)
            if byte < 0x80 {
                return value
            }
        }
        return value
    }
}
