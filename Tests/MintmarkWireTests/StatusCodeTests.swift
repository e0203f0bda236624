import MintmarkWire
import Testing

@Suite struct StatusCodeTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let number: UInt16
        let isRetryable: Bool
        let closesConnection: Bool

        var testDescription: String { "\(number)" }
    }

    @Test(arguments: [
        Row(number: 0, isRetryable: false, closesConnection: false),
        Row(number: 99, isRetryable: false, closesConnection: false),
        Row(number: 100, isRetryable: false, closesConnection: true),
        Row(number: 199, isRetryable: false, closesConnection: true),
        Row(number: 299, isRetryable: false, closesConnection: false),
        Row(number: 399, isRetryable: false, closesConnection: false),
        Row(number: 400, isRetryable: true, closesConnection: false),
        Row(number: 599, isRetryable: true, closesConnection: false),
        Row(number: 600, isRetryable: false, closesConnection: false),
        Row(number: 65_535, isRetryable: false, closesConnection: false),
    ])
    func unknownNumbersKeepTheMeaningOfTheirHundreds(_ row: Row) {
        let code = StatusCode(rawValue: row.number)
        #expect(code.status == nil)
        #expect(code.isRetryable == row.isRetryable)
        #expect(code.closesConnection == row.closesConnection)
        #expect(code.description == "STATUS_\(row.number)")
    }

    @Test func answersWithUnknownNumbersAreDecoded() throws {
        let error = ErrorResponse(serverTime: 1, status: StatusCode(rawValue: 777), message: "")
        var writer = FrameWriter()
        try error.encode(requestID: 1, into: &writer)
        let body = Array(writer.bytes.dropFirst(FrameHeader.Layout.body))
        #expect(try ErrorResponse(decoding: body.span.bytes) == error)
    }

    @Test func knownNumbersAreNamed() {
        #expect(StatusCode(.reused).status == .reused)
        #expect("\(StatusCode(.reused))" == "REUSED")
    }
}
