import MintmarkWire
import Testing

@Suite struct FrameScannerTests {
    struct LengthRow: Sendable, CustomTestStringConvertible {
        let announced: UInt32
        let isValid: Bool

        var testDescription: String { "\(announced)" }
    }

    @Test(arguments: [
        LengthRow(announced: 0, isValid: false),
        LengthRow(announced: 5, isValid: false),
        LengthRow(announced: 6, isValid: true),
        LengthRow(announced: 7, isValid: true),
        LengthRow(announced: 65_535, isValid: true),
        LengthRow(announced: 65_536, isValid: true),
        LengthRow(announced: 65_537, isValid: false),
        LengthRow(announced: 1 << 31, isValid: false),
        LengthRow(announced: .max, isValid: false),
    ])
    func lengthIsJudgedFromItsFourBytes(_ row: LengthRow) {
        let bytes = bigEndian(UInt64(row.announced), count: 4)
        let expected: FrameScan =
            row.isValid
            ? .incomplete(needed: Int(row.announced) + 4)
            : .invalid(WireError(.frameLength, found: UInt64(row.announced)))
        #expect(FrameScanner().scan(bytes.span.bytes, at: 0) == expected)
    }

    @Test(arguments: [6, 7, 1_024, 65_536, 1_048_576])
    func limitIsKeptAtItsEdges(limit: Int) {
        let scanner = FrameScanner(lengthMax: limit)
        #expect(scanner.scan(bigEndian(UInt64(limit), count: 4).span.bytes, at: 0) == .incomplete(needed: limit + 4))
        let above = WireError(.frameLength, found: UInt64(limit) + 1)
        #expect(scanner.scan(bigEndian(UInt64(limit) + 1, count: 4).span.bytes, at: 0) == .invalid(above))
    }

    @Test func limitIsNeverAboveTheCeiling() {
        #expect(FrameScanner(lengthMax: .max).lengthMax == Limits.frameLengthMaxCeiling)
    }

    @Test func everyCutIsIncompleteAndSaysWhatIsNeeded() {
        let frame = rawFrame(kindByte: 0x05, flags: 0, requestID: 0x0102_0304, body: Array(0..<40))
        for count in 0..<frame.count {
            let scan = FrameScanner().scan(Array(frame[..<count]).span.bytes, at: 0)
            #expect(scan == .incomplete(needed: count < 4 ? 4 : frame.count), "cut at \(count)")
        }
        let header = FrameHeader(kindByte: 0x05, flags: 0, requestID: 0x0102_0304)
        #expect(FrameScanner().scan(frame.span.bytes, at: 0) == .frame(header, body: 10..<50))
    }

    @Test func framesAreFoundBehindOneAnother() {
        let first = rawFrame(kindByte: 0x03, requestID: 1, body: [])
        let second = rawFrame(kindByte: 0xFF, flags: 7, requestID: .max, body: [1, 2, 3])
        let bytes = [0xEE, 0xEE] + first + second + [0]
        let scanner = FrameScanner()
        let firstEnd = 2 + first.count
        let secondEnd = firstEnd + second.count
        #expect(
            scanner.scan(bytes.span.bytes, at: 2)
                == .frame(FrameHeader(kindByte: 0x03, requestID: 1), body: firstEnd..<firstEnd)
        )
        #expect(
            scanner.scan(bytes.span.bytes, at: firstEnd)
                == .frame(
                    FrameHeader(kindByte: 0xFF, flags: 7, requestID: .max),
                    body: secondEnd - 3..<secondEnd
                )
        )
        #expect(scanner.scan(bytes.span.bytes, at: secondEnd) == .incomplete(needed: 4))
        #expect(scanner.scan(bytes.span.bytes, at: bytes.count) == .incomplete(needed: 4))
    }

    @Test(
        arguments: [
            ("nothing", [], FrameScan.incomplete(needed: 4)),
            ("only a length", [0, 0, 0, 71], .incomplete(needed: 5)),
            ("a length below 6", [0, 0, 0, 5], .invalid(WireError(.frameLength, found: 5))),
            ("HTTP", Array("GET / HTTP/1.1".utf8), .invalid(WireError(.frameLength, found: 0x4745_5420))),
            ("a HELLO", [0, 0, 0, 71, 1], .incomplete(needed: 75)),
            ("a HELLO of 1024", [0, 0, 4, 0, 1], .incomplete(needed: 1_028)),
            ("a HELLO of 1025", [0, 0, 4, 1, 1], .invalid(WireError(.helloExpected))),
            ("a PING", [0, 0, 0, 6, 3], .invalid(WireError(.helloExpected))),
            ("an answer to HELLO", [0, 0, 0, 71, 0x81], .invalid(WireError(.helloExpected))),
        ] as [(String, [UInt8], FrameScan)]
    )
    func firstFrameIsJudgedFromItsFiveBytes(name: String, bytes: [UInt8], expected: FrameScan) {
        #expect(FrameScanner().scanHello(bytes.span.bytes, at: 0) == expected, "\(name)")
        let shifted = [0xAA, 0xBB, 0xCC] + bytes
        #expect(FrameScanner().scanHello(shifted.span.bytes, at: 3) == expected, "\(name), further behind")
    }

    @Test func aWholeHelloIsAFrame() {
        let frame = rawFrame(kindByte: 0x01, requestID: 9, body: [1, 2, 3])
        let expected = FrameScan.frame(FrameHeader(kindByte: 1, requestID: 9), body: 10..<13)
        #expect(FrameScanner().scanHello(frame.span.bytes, at: 0) == expected)
    }
}
