import MintmarkWire
import Testing

@Suite struct WireErrorTests {
    @Test(arguments: [
        (WireError(.flagsUnsupported), "FLAGS_UNSUPPORTED"),
        (WireError(.fieldMissing, field: 0x13), "FIELD_MISSING in subject"),
        (WireError(.fieldUnknown, field: 0x7E), "FIELD_UNKNOWN in field 126"),
        (WireError(.frameLength, found: 5), "FRAME_LENGTH: 5"),
        (
            WireError(.fieldSize, field: 0x13, found: 257, allowed: 1...256),
            "FIELD_SIZE in subject: 257, not in 1...256"
        ),
        (WireError(.fieldSize, field: 0x30, found: 1, allowed: 2 ... .max), "FIELD_SIZE in jwks: 1, at least 2"),
    ])
    func messageNamesFieldAndNumbers(error: WireError, message: String) {
        #expect(error.message == message)
        #expect("\(error)" == message)
    }

    @Test func errorFrameCarriesStatusMessageAndField() {
        let response = ErrorResponse(WireError(.fieldOrder, field: 0x90), serverTime: 5)
        #expect(response.status == StatusCode(.fieldOrder))
        #expect(response.message == "FIELD_ORDER in field 144")
        #expect(response.field == 0x90)
        #expect(response.serverTime == 5)
    }

    @Test func handshakeFaultsKeepTheFieldOnly() {
        let fault = WireError(.fieldSize, field: 0x05, found: 31, allowed: 32...32)
        #expect(fault.answered(as: .helloInvalid) == WireError(.helloInvalid, field: 0x05))
    }

    @Test(arguments: [(255, 255), (256, 256), (257, 256), (5_000, 256)])
    func longMessagesAreClipped(count: Int, expected: Int) throws {
        let decoded = try decodedMessage(String(repeating: "m", count: count))
        #expect(decoded == String(repeating: "m", count: expected))
    }

    @Test func clippedMessagesKeepWholeCharacters() throws {
        #expect(
            try decodedMessage("m" + String(repeating: "é", count: 128)) == "m" + String(repeating: "é", count: 127)
        )
    }

    /// What a client reads of an error with this message.
    private func decodedMessage(_ message: String) throws -> String {
        var writer = FrameWriter()
        try ErrorResponse(serverTime: 1, status: StatusCode(.internal), message: message)
            .encode(requestID: 1, into: &writer)
        let body = Array(writer.bytes.dropFirst(FrameHeader.Layout.body))
        return try ErrorResponse(decoding: body.span.bytes).message
    }
}
