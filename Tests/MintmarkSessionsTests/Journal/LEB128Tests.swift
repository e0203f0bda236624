import Testing

@testable import MintmarkSessions

@Suite struct LEB128Tests {
    /// The number that `bytes` begin with and how many bytes it takes; nil where there is none.
    private func read(_ bytes: [UInt8]) -> (value: UInt64, byteCount: Int)? {
        var reader = ByteReader(bytes.span.bytes)
        let value = reader.readLEB128(from: bytes.span.bytes)
        return reader.isFailed ? nil : (value, reader.offset)
    }

    @Test(
        arguments: [
            (0, [0x00]), (1, [0x01]), (0x7F, [0x7F]), (0x80, [0x80, 0x01]), (0x3FFF, [0xFF, 0x7F]),
            (0x4000, [0x80, 0x80, 0x01]), (16_384, [0x80, 0x80, 0x01]),
            (1 << 63 - 1, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]),
            (1 << 63, [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]),
            (.max, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]),
        ] as [(UInt64, [UInt8])]
    )
    func numbersHaveOneForm(value: UInt64, expected: [UInt8]) throws {
        var bytes: [UInt8] = []
        LEB128.append(value, to: &bytes)
        #expect(bytes == expected)
        #expect(bytes.count <= LEB128.byteCountMax)
        let result = try #require(read(bytes + [0xAA]))
        #expect(result.value == value && result.byteCount == bytes.count)
    }

    @Test func everyLengthComesBack() throws {
        for bit in 0..<64 {
            for value in [1 << bit, (1 << bit) - 1, (1 << bit) + 1] as [UInt64] {
                var bytes: [UInt8] = []
                LEB128.append(value, to: &bytes)
                let result = try #require(read(bytes))
                #expect(result.value == value && result.byteCount == bytes.count)
            }
        }
    }

    @Test(
        arguments: [
            [], [0x80], [0xFF, 0xFF],  // no end
            [0x80, 0x00], [0xFF, 0x00], [0x80, 0x80, 0x00],  // longer than need be
            [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02],  // 65 bits
            [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x81],
            [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
            [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00],
        ] as [[UInt8]]
    )
    func anythingElseIsRefused(bytes: [UInt8]) {
        #expect(read(bytes) == nil)
    }
}
