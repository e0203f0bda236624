import MintmarkWire
import Testing

@Suite struct FrameHeaderTests {
    @Test func layoutIsTheOneAtTheHeadOfTheFile() throws {
        #expect(FrameHeader.Layout.length == 0)
        #expect(FrameHeader.Layout.lengthSize == 4)
        #expect(FrameHeader.Layout.kind == 4)
        #expect(FrameHeader.Layout.flags == 5)
        #expect(FrameHeader.Layout.requestID == 6)
        #expect(FrameHeader.Layout.body == 10)

        var writer = FrameWriter()
        try VerifyResponse.writeInactive(requestID: 0x0102_0304, reason: .tokenExpired, into: &writer)
        let length: [UInt8] = [0, 0, 0, 13]
        let head: [UInt8] = [0x85, 0, 1, 2, 3, 4]
        let active: [UInt8] = [0x1D, 1, 0]
        let reason: [UInt8] = [0x1E, 2, 0x01, 0x4B]
        #expect(writer.bytes == length + head + active + reason)
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let header: FrameHeader
        let expected: Result<Kind, WireError>

        init(_ name: String, _ kind: UInt8, flags: UInt8 = 0, id: UInt32 = 1, _ expected: Result<Kind, WireError>) {
            self.name = name
            header = FrameHeader(kindByte: kind, flags: flags, requestID: id)
            self.expected = expected
        }

        var testDescription: String { name }
    }

    @Test(arguments: [
        Row("a request", 0x05, .success(.verify)),
        Row("flags", 0x05, flags: 1, .failure(WireError(.flagsUnsupported, found: 1))),
        Row("the highest flag", 0x05, flags: 0x80, .failure(WireError(.flagsUnsupported, found: 0x80))),
        Row("kind 00", 0x00, .failure(WireError(.kindUnknown, found: 0x00))),
        Row("the kind above the last", 0x13, .failure(WireError(.kindUnknown, found: 0x13))),
        Row("an answer", 0x85, .failure(WireError(.kindUnknown, found: 0x85))),
        Row("an error", 0xFF, .failure(WireError(.kindUnknown, found: 0xFF))),
        Row("id 0", 0x05, id: 0, .failure(WireError(.requestIDZero))),
        Row("id 0 before flags", 0x7E, flags: 1, id: 0, .failure(WireError(.requestIDZero))),
        Row("flags before kind", 0x7E, flags: 1, .failure(WireError(.flagsUnsupported, found: 1))),
    ])
    func requestsAreChecked(_ row: Row) {
        let result = Result { () throws(WireError) in try row.header.checkedRequestKind() }
        #expect(result == row.expected)
    }

    @Test func kindBytesAreTold() {
        for byte in UInt8.min ... .max {
            let header = FrameHeader(kindByte: byte, requestID: 1)
            #expect(header.requestKind == Kind.allCases.first { $0.rawValue == byte })
            #expect(header.responseKind == Kind.allCases.first { $0.rawValue | 0x80 == byte })
            #expect(header.isError == (byte == 0xFF))
        }
    }
}
