import MintmarkWire
import Testing

@Suite struct WireErrorTests {
    @Test(arguments: [
        (WireError(.revoked), "the session was revoked"),
        (WireError(.fieldMissing, field: 0x13), "a value is missing that must be there (subject)"),
        (WireError(.fieldUnknown, field: 0x7E), "the server does not know a field of the request (field 126)"),
        (WireError(.frameLength, found: 5), "a frame was shorter or longer than the server takes (5)"),
        (
            WireError(.fieldSize, field: 0x13, found: 257, allowed: 1...256),
            "a value is shorter or longer than it may be (subject: 257, not in 1...256)"
        ),
        (
            WireError(.fieldSize, field: 0x30, found: 1, allowed: 2 ... .max),
            "a value is shorter or longer than it may be (jwks: 1, at least 2)"
        ),
        (
            WireError(.fieldValue, field: 0x13),
            "a value is not one of those allowed (subject: allowed is UTF-8 without control characters)"
        ),
        (WireError(.fieldMissing, field: 0x17), "a value is missing that must be there (scope)"),
    ])
    func wordsTellFieldNumbersAndWhatIsAllowed(error: WireError, words: String) {
        #expect(error.words == words)
        #expect("\(error)" == "\(error.status.name): \(words)")
    }

    @Test func everyStatusHasWordsOfItsOwnThatFitIntoAnError() {
        let sentences = Status.allCases.map(\.sentence)
        #expect(Set(sentences).count == sentences.count)
        let longestName = Tag.allCases.map(\.name).max { $0.utf8.count < $1.utf8.count }
        let tag = Tag.allCases.first { $0.name == longestName }?.rawValue
        for status in Status.allCases {
            let worst = WireError(status, field: tag, found: .max, allowed: .max - 1 ... .max - 1)
            #expect(worst.words.utf8.count <= Limits.messageLengthMax, "\(status)")
            #expect(worst.words.hasPrefix(status.sentence))
            for tag in Tag.allCases {
                #expect(WireError(status, field: tag.rawValue).words.utf8.count <= Limits.messageLengthMax)
            }
        }
    }

    /// Whatever can be wrong in itself, and not only in its length, has words for what is right.
    @Test func fieldsTellWhatTheyAllow() {
        for field in Registry.shared.fields where !["u8", "u16", "u32", "u64", "bool", "bytes"].contains(field.type) {
            let error = WireError(.fieldValue, field: number(fromHex: field.tag))
            #expect(error.words.contains("(\(field.name): allowed is "))
        }
    }

    /// A flag allows two numbers, whatever the width of its byte.
    @Test(arguments: [
        (VerifyRequest.self as any WireRequest.Type, [0x16, 1, 2] as [UInt8], "any_audience: 2, not in 0...1"),
        (RevokeRequest.self, [0x2E, 1, 0], "all: 0, not in 1...1"),
        (VerifyRequest.self, [0x21, 4, 0, 1, 0, 0], "leeway: 65536, not in 0...300"),
    ])
    func numbersThatAreAllowedAreTold(request: any WireRequest.Type, field: [UInt8], words: String) {
        let token: [UInt8] = request is VerifyRequest.Type ? [0x10, 1, 0x61] : []
        let body = token + field
        let error = #expect(throws: WireError.self) { try request.init(decoding: body.span.bytes) }
        #expect(error?.words == "a value is not one of those allowed (\(words))")
    }

    /// A value is never told: it may be secret, or steer the terminal of whoever reads it.
    @Test func wordsHoldNothingOfWhatWasSent() {
        let subject = Array("marked\u{1B}[31m".utf8)
        let body = [0x13, UInt8(subject.count)] + subject
        let error = #expect(throws: WireError.self) { try OpenRequest(decoding: body.span.bytes) }
        #expect(error?.status == .fieldValue)
        #expect(error?.words.contains("marked") == false)
    }

    @Test func errorFrameCarriesStatusMessageAndField() {
        let response = ErrorResponse(WireError(.fieldOrder, field: 0x90), serverTime: 5)
        #expect(response.status == StatusCode(.fieldOrder))
        #expect(response.message == "fields of the request are in the wrong order (field 144)")
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
