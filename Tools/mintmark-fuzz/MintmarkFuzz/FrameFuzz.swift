import MintmarkCrypto
import MintmarkInMemory
import MintmarkWire

/// Bytes as a peer could send them, to a server and to a client.
///
/// A frame is scanned the same however it is cut. What a message decodes to comes back when it is encoded and decoded
/// again. Whatever a server is asked, it answers with one whole frame of the request's kind, or with an error's.
///
/// For one thread. The server is reset before each input that asks it anything, so an input does the same whether others
/// came before it or not. A class, because a build does not always notice that a value of another module's is larger than
/// it was, and the target holds one in a global.
package final class FrameFuzz {
    private static let lengthMax = 4_096

    private var engine: InMemoryEngine

    package init() {
        let key = Ed25519SigningKey(random: RepeatableRandom())
        guard let engine = try? InMemoryEngine(key: key, cacheByteCount: 1 << 16) else {
            preconditionFailure("one key makes a ring")
        }
        self.engine = engine
    }

    /// Takes the input for a stream of frames. Stops the process when something is not as it should be.
    package func run(_ input: [UInt8]) {
        let scanner = FrameScanner(lengthMax: Self.lengthMax)
        var offset = 0
        engine.reset()
        while case .frame(let header, let body) = scanner.scan(input.span.bytes, at: offset) {
            let frame = Array(input[offset..<body.upperBound])
            Self.checkCuts(of: frame, scanner)
            if let kind = header.responseKind { Self.checkResponse(kind, input.span.bytes.extracting(body)) }
            if header.isError { Self.checkAgain(ErrorResponse.self, input.span.bytes.extracting(body)) }
            if header.kindByte < 0x80 { ask(frame, header) }
            offset = body.upperBound
        }
    }

    /// No part of a frame is a frame, and none is refused.
    private static func checkCuts(of frame: [UInt8], _ scanner: FrameScanner) {
        for count in [0, 3, 4, 9, frame.count - 1] where count < frame.count {
            guard case .incomplete(let needed) = scanner.scan(Array(frame.prefix(count)).span.bytes, at: 0) else {
                preconditionFailure("a part of a frame is taken for something else")
            }
            precondition(needed > count && needed <= frame.count, "more bytes are wanted, and not too many")
        }
    }

    private func ask(_ frame: [UInt8], _ header: FrameHeader) {
        let body = frame.span.bytes.extracting(FrameHeader.Layout.body..<frame.count)
        if let kind = header.requestKind { Self.checkRequest(kind, body) }
        // These are of the connection, which the engine does not know.
        guard header.kindByte != Kind.hello.requestByte, header.kindByte != Kind.auth.requestByte else { return }
        engine.answer(frame) { Self.checkAnswer($0, to: header) }
    }

    private static func checkAnswer(_ answer: borrowing [UInt8], to request: FrameHeader) {
        guard case .frame(let header, let body) = FrameScanner().scan(answer.span.bytes, at: 0) else {
            preconditionFailure("an answer is a frame")
        }
        precondition(body.upperBound == answer.count, "an answer is one frame")
        precondition(header.requestID == request.requestID, "an answer has the id of its request")
        precondition(header.isError || header.responseKind == request.requestKind, "an answer is of its request's kind")
        let isDecoded =
            header.isError
            ? checkAgain(ErrorResponse.self, answer.span.bytes.extracting(body))
            : header.responseKind.map { checkResponse($0, answer.span.bytes.extracting(body)) } ?? false
        precondition(isDecoded, "an answer of the server is one that clients can read")
    }
}

// MARK: - Messages

extension FrameFuzz {
    private static func checkRequest(_ kind: Kind, _ body: RawSpan) {
        switch kind {
        case .hello: checkAgain(HelloRequest.self, body)
        case .auth: checkAgain(AuthRequest.self, body)
        case .ping: checkAgain(PingRequest.self, body)
        case .sign: checkAgain(SignRequest.self, body)
        case .verify: checkAgain(VerifyRequest.self, body)
        case .open: checkAgain(OpenRequest.self, body)
        case .refresh: checkAgain(RefreshRequest.self, body)
        case .revoke: checkAgain(RevokeRequest.self, body)
        case .introspect: checkAgain(IntrospectRequest.self, body)
        case .keys: checkAgain(KeysRequest.self, body)
        case .stats: checkAgain(StatsRequest.self, body)
        case .forceRotation: checkAgain(ForceRotationRequest.self, body)
        case .snapshot: checkAgain(SnapshotRequest.self, body)
        case .keyList: checkAgain(KeyListRequest.self, body)
        case .keyPrepare: checkAgain(KeyPrepareRequest.self, body)
        case .keyActivate: checkAgain(KeyActivateRequest.self, body)
        case .keyRevoke: checkAgain(KeyRevokeRequest.self, body)
        case .keyImport: checkAgain(KeyImportRequest.self, body)
        }
    }

    /// Returns whether the body is one of such an answer.
    @discardableResult
    private static func checkResponse(_ kind: Kind, _ body: RawSpan) -> Bool {
        switch kind {
        case .hello: checkAgain(HelloResponse.self, body)
        case .auth: checkAgain(AuthResponse.self, body)
        case .ping: checkAgain(PingResponse.self, body)
        case .sign: checkAgain(SignResponse.self, body)
        case .verify: checkAgain(VerifyResponse.self, body)
        case .open: checkAgain(OpenResponse.self, body)
        case .refresh: checkAgain(RefreshResponse.self, body)
        case .revoke: checkAgain(RevokeResponse.self, body)
        case .introspect: checkAgain(IntrospectResponse.self, body)
        case .keys: checkAgain(KeysResponse.self, body)
        case .stats: checkAgain(StatsResponse.self, body)
        case .forceRotation: checkAgain(ForceRotationResponse.self, body)
        case .snapshot: checkAgain(SnapshotResponse.self, body)
        case .keyList: checkAgain(KeyListResponse.self, body)
        case .keyPrepare: checkAgain(KeyPrepareResponse.self, body)
        case .keyActivate: checkAgain(KeyActivateResponse.self, body)
        case .keyRevoke: checkAgain(KeyRevokeResponse.self, body)
        case .keyImport: checkAgain(KeyImportResponse.self, body)
        }
    }

    private static func checkAgain<Request: WireRequest>(_ type: Request.Type, _ body: RawSpan) {
        guard let request = try? Request(decoding: body) else { return }
        var writer = FrameWriter(lengthMax: Limits.frameLengthMaxCeiling)
        guard (try? request.encode(requestID: 1, into: &writer)) != nil else {
            preconditionFailure("what was decoded can be encoded")
        }
        let again = writer.bytes.span.bytes.extracting(FrameHeader.Layout.body..<writer.bytes.count)
        precondition((try? Request(decoding: again)) == request, "what is encoded is decoded to the same")
    }

    @discardableResult
    private static func checkAgain<Response: WireResponse>(_ type: Response.Type, _ body: RawSpan) -> Bool {
        guard let response = try? Response(decoding: body) else { return false }
        var writer = FrameWriter(lengthMax: Limits.frameLengthMaxCeiling)
        guard (try? response.encode(requestID: 1, into: &writer)) != nil else {
            preconditionFailure("what was decoded can be encoded")
        }
        let again = writer.bytes.span.bytes.extracting(FrameHeader.Layout.body..<writer.bytes.count)
        precondition((try? Response(decoding: again)) == response, "what is encoded is decoded to the same")
        return true
    }
}
