import MintmarkCrypto
import MintmarkWire

/// Makes the requests that must be refused.
struct HostileBuilder {
    let connection: SetupConnection
    let plan: LoadPlan

    /// So many of each sort: more would not be answered otherwise.
    private static let countOfSort = 16
    /// The longest difference between clocks that a server forgives, and some time beyond it.
    private static let expiryNanosecondsMax: Int64 = 400_000_000_000

    func build(_ workload: inout Workload) throws(LoadFailure) {
        let tokens = try WorkloadBuilder.signTokens(Self.countOfSort, audience: plan.audience, on: connection)
        for sort in plan.hostile {
            switch sort {
            case .reuse:
                for token in try usedRefreshTokens() {
                    try append(RefreshRequest(refreshToken: token), sort, to: &workload)
                }
            case .expired:
                for token in try expiredTokens() { try append(verify(token), sort, to: &workload) }
            case .tampered, .wrongKey, .duplicateMember, .noAlgorithm, .oversize:
                for token in tokens { try append(verify(Self.spoil(token, sort)), sort, to: &workload) }
            }
        }
    }

    private func append(
        _ request: some WireRequest,
        _ sort: HostileRequest,
        to workload: inout Workload
    ) throws(LoadFailure) {
        try workload.hostileFrames.append(request, lengthMax: Int(connection.hello.frameLengthLimit))
        workload.hostileRequests.append(sort)
    }

    private func verify(_ token: [UInt8]) -> VerifyRequest {
        VerifyRequest(accessToken: token, expectedAudience: .named(plan.audience), omitsClaims: plan.omitsClaims)
    }

    /// A good token made bad.
    static func spoil(_ token: [UInt8], _ sort: HostileRequest) -> [UInt8] {
        guard let parts = AccessTokenText.parts(of: token.span.bytes), !parts.signature.isEmpty else { return token }
        switch sort {
        case .tampered:
            var spoilt = token
            spoilt[spoilt.count - 1] = spoilt.last == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            return spoilt
        case .wrongKey:
            return signed(Array(token[..<parts.payload.upperBound]))
        case .duplicateMember:
            return signed(withHeader: #"{"alg":"EdDSA","alg":"EdDSA","typ":"at+jwt"}"#, payload: token[parts.payload])
        case .noAlgorithm:
            return signed(withHeader: #"{"alg":"none","typ":"at+jwt"}"#, payload: token[parts.payload])
        case .oversize:
            let missing = max(0, Limits.accessTokenLengthMax + 1 - token.count)
            return token + [UInt8](repeating: UInt8(ascii: "A"), count: missing)
        case .reuse, .expired:
            return token
        }
    }

    private static func signed(withHeader header: String, payload: ArraySlice<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        Base64URL.encode(Array(header.utf8).span.bytes, appendingTo: &text)
        return signed(text + [UInt8(ascii: ".")] + payload)
    }

    /// Signs with a key that nobody trusts.
    private static func signed(_ message: [UInt8]) -> [UInt8] {
        var signature: [UInt8] = []
        Ed25519SigningKey(random: SystemRandom()).sign(message.span.bytes, appendingTo: &signature)
        var token = message + [UInt8(ascii: ".")]
        Base64URL.encode(signature.span.bytes, appendingTo: &token)
        return token
    }

    /// Refresh tokens of sessions that have rotated twice since: no grace window covers them.
    private func usedRefreshTokens() throws(LoadFailure) -> [[UInt8]] {
        var tokens: [[UInt8]] = []
        for number in 0..<Self.countOfSort {
            let first = try connection.ask(WorkloadBuilder.openRequest(number, plan.audience)).grant.refreshToken
            let second = try rotated(first)
            guard try rotated(second) != second else {
                throw .usage("the server does not rotate at every refresh, so nothing can be used up: leave out reuse")
            }
            tokens.append(first)
        }
        return tokens
    }

    private func rotated(_ token: [UInt8]) throws(LoadFailure) -> [UInt8] {
        try connection.ask(RefreshRequest(refreshToken: token)).grant.refreshToken
    }

    /// Tokens that live for a second, and are waited for to be called expired.
    private func expiredTokens() throws(LoadFailure) -> [[UInt8]] {
        var tokens: [[UInt8]] = []
        for number in 0..<Self.countOfSort {
            let request = SignRequest(
                subject: WorkloadBuilder.subject(number),
                audience: [plan.audience],
                accessTokenTTLSeconds: 1
            )
            tokens.append(try connection.ask(request).accessToken)
        }
        let giveUpAt = MonotonicClock.now() + Self.expiryNanosecondsMax
        for token in tokens {
            while try connection.ask(verify(token)).isActive {
                guard !Interruption.isRequested else { throw .interrupted }
                guard MonotonicClock.now() < giveUpAt else {
                    throw .wrongAnswer("a token that lives for a second was active for much longer")
                }
                MonotonicClock.sleep(until: MonotonicClock.now() + 200_000_000)
            }
        }
        return tokens
    }
}
