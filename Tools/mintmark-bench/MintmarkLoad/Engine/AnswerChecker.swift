import MintmarkWire

/// Judges answers: every one against its request, and a sample of them against keys and tokens.
///
/// Confined to its thread. Judging a right answer allocates nothing, but for the sample.
struct AnswerChecker {
    /// What an answer is.
    enum Judgement {
        case right
        case faulty(ErrorClass, example: String)
    }

    private let workload: Workload
    private let omitsClaims: Bool
    private(set) var sampled = 0
    private var untilSample = 1

    /// Of so many answers one is looked at closely. A signature takes as long as some hundred answers do.
    private let samplePeriod: Int

    init(workload: Workload, omitsClaims: Bool, samplePeriod: Int = 256) {
        self.samplePeriod = samplePeriod
        self.workload = workload
        self.omitsClaims = omitsClaims
    }

    /// Judges an answer that is a response of its request's kind. What REFRESH says of the session is the session's own
    /// business; its access token is judged by `judgeAccessToken`.
    mutating func judge(_ request: RequestInFlight, _ body: RawSpan) throws(WireError) -> Judgement {
        switch request.operation {
        case .sign: try judgeSign(body)
        case .verify: try judgeVerify(body, token: Int(request.item))
        case .ping: try judgePing(body)
        case .open: try judgeOpen(body)
        case .revoke: try judgeRevoke(body)
        case .keys: try judgeKeys(body)
        case .hostile: try judgeHostile(body, request: Int(request.item))
        case .refresh: .right
        case .handshake: preconditionFailure("a handshake is no request of a connection")
        }
    }

    /// The kind of the answer that a request must have, if it is no error.
    @inline(__always)
    func responseKind(of request: RequestInFlight) -> UInt8 {
        request.operation == .hostile
            ? workload.hostileRequests[Int(request.item)].kind.responseByte : request.operation.kind.responseByte
    }

    /// Whether a request had to be answered with this error.
    func isExpected(_ status: StatusCode, of request: RequestInFlight) -> Bool {
        guard request.operation == .hostile, let status = status.status else { return false }
        return workload.hostileRequests[Int(request.item)].expected.contains(status)
    }

    private func judgeHostile(_ body: RawSpan, request index: Int) throws(WireError) -> Judgement {
        let request = workload.hostileRequests[index]
        guard request.kind == .verify else {
            return .faulty(.unexpectedAccept, example: "\(request.kind.name) of sort \(request.rawValue) was granted")
        }
        let fields = try VerifyResponseFields(decoding: body)
        guard !fields.isActive else {
            return .faulty(.unexpectedAccept, example: "a token of sort \(request.rawValue) was called active")
        }
        guard let reason = fields.reason, let status = reason.status, request.expected.contains(status) else {
            let reason = fields.reason.map { "\($0)" } ?? "no reason"
            return .faulty(.validation, example: "a token of sort \(request.rawValue) was refused for \(reason)")
        }
        return .right
    }

    private mutating func judgeOpen(_ body: RawSpan) throws(WireError) -> Judgement {
        let grant = try OpenResponse(decoding: body).grant
        guard !grant.refreshToken.isEmpty, grant.times.expiresAt > grant.times.serverTime else {
            return .faulty(.validation, example: "OPEN gave a token that has expired")
        }
        return judgeAccessToken(grant.accessToken.span.bytes, of: .open)
    }

    private func judgeRevoke(_ body: RawSpan) throws(WireError) -> Judgement {
        _ = try RevokeResponse(decoding: body)
        return .right
    }

    private func judgeKeys(_ body: RawSpan) throws(WireError) -> Judgement {
        let keys = VerificationKeys(jwks: try KeysResponse(decoding: body).jwks)
        return keys.isEmpty ? .faulty(.validation, example: "KEYS gave no key") : .right
    }

    private func judgePing(_ body: RawSpan) throws(WireError) -> Judgement {
        _ = try PingResponse(decoding: body)
        return .right
    }

    private mutating func judgeVerify(_ body: RawSpan, token: Int) throws(WireError) -> Judgement {
        let fields = try VerifyResponseFields(decoding: body)
        guard fields.isActive else {
            let reason = fields.reason ?? StatusCode(rawValue: 0)
            return .faulty(.inactive(reason), example: "a good token is inactive: \(reason)")
        }
        guard !omitsClaims else {
            return fields.claims == nil ? .right : .faulty(.validation, example: "VERIFY gave claims nobody asked for")
        }
        guard let claims = fields.claims, claims.count == Int(workload.claimsLengths[token]) else {
            return .faulty(.validation, example: "VERIFY gave other claims than the token's")
        }
        guard isSample() else { return .right }
        return isEcho(body.extracting(claims), ofToken: token)
            ? .right : .faulty(.validation, example: "VERIFY gave other claims than the token's")
    }

    private func isEcho(_ claims: RawSpan, ofToken index: Int) -> Bool {
        let frame = workload.verifyFrames.range(index)
        let body = workload.verifyFrames.bytes.span.bytes.extracting(
            frame.lowerBound + FrameHeader.Layout.body..<frame.upperBound
        )
        var expected: [UInt8] = []
        guard
            let token = try? VerifyRequestFields(decoding: body).accessToken,
            AccessTokenText.decodeClaims(of: body.extracting(token), into: &expected)
        else { return false }
        return claims.withUnsafeBytes { $0.elementsEqual(expected) }
    }

    private mutating func judgeSign(_ body: RawSpan) throws(WireError) -> Judgement {
        let fields = try SignResponseFields(decoding: body)
        guard !fields.accessToken.isEmpty, fields.expiresAt > fields.serverTime else {
            return .faulty(.validation, example: "SIGN gave a token that has expired")
        }
        return judgeAccessToken(body.extracting(fields.accessToken), of: .sign)
    }

    /// Judges the access token of an answer that is right otherwise: of a sample, the signature.
    mutating func judgeAccessToken(_ token: RawSpan, of operation: LoadOperation) -> Judgement {
        guard isSample() else { return .right }
        return workload.keys.verify(token)
            ? .right
            : .faulty(.validation, example: "\(operation.kind.name) gave a token that no published key has signed")
    }

    @inline(__always)
    private mutating func isSample() -> Bool {
        untilSample -= 1
        guard untilSample == 0 else { return false }
        untilSample = samplePeriod
        sampled += 1
        return true
    }
}
