import Glibc
import MintmarkCrypto
import MintmarkTestSupport
import MintmarkWire
import NIOConcurrencyHelpers

/// A server in a few lines: the rules of sessions as a dictionary and a lock, real signatures, and a fault when a test
/// wants one. Tokens of it are opaque names; only access tokens of SIGN are real.
///
/// Safe to use from any thread.
final class ModelServer: Sendable {
    /// What it does wrong: one fault for each scenario of the race.
    enum Fault: CaseIterable, Sendable {
        /// A retry inside the window is given a successor of its own.
        case retryForks
        /// A retry is reuse, window or not.
        case noGrace
        /// Any older token inside the window is given the newest.
        case olderGenerationIsGrace
        /// The window never ends.
        case graceNeverEnds
        /// A retry begins the window anew.
        case retryExtendsWindow
        /// Retries inside the window are not limited.
        case graceIsNotCapped
        /// Reuse in one session ends all sessions of its subject.
        case reuseEndsSubject
        /// A revoked session goes on with its current token.
        case refreshIgnoresRevocation
        /// A token with a wrong tag ends the session it names.
        case forgedTagRevokes
        /// A retry extends the idle expiry.
        case graceExtendsExpiry
        /// A cut-off reaches access tokens that are made after it, in the same second.
        case cutOffReachesNewTokens
        /// Two sessions are given the same successor.
        case successorIsNotUnique
    }

    let graceMilliseconds: Int64
    let graceUses: Int
    private let fault: Fault?
    private let signingKey: Ed25519SigningKey
    private let state = NIOLockedValueBox(ModelState())

    init(fault: Fault? = nil, graceMilliseconds: Int64 = 300, graceUses: Int = 16) {
        self.fault = fault
        self.graceMilliseconds = graceMilliseconds
        self.graceUses = graceUses
        signingKey = Ed25519SigningKey(random: SystemRandom())
    }

    /// What a fake server does with it.
    var script: FakeServer.Script {
        { [self] request in [.write(answer(request))] }
    }

    /// The answer to a request, as bytes.
    func answer(_ request: FakeServer.Request) -> [UInt8] {
        do throws(WireError) {
            return try state.withLockedValue { state in
                Result { () throws(WireError) in try answer(request, &state) }
            }.get()
        } catch {
            return request.error(error.status)
        }
    }

    private func answer(_ request: FakeServer.Request, _ state: inout ModelState) throws(WireError) -> [UInt8] {
        let body = request.body.span.bytes
        switch request.kind {
        case .sign: return request.bytes(of: sign(try SignRequest(decoding: body), &state))
        case .verify: return request.bytes(of: verify(try VerifyRequest(decoding: body), state))
        case .open: return request.bytes(of: open(try OpenRequest(decoding: body), &state))
        case .refresh: return request.bytes(of: try refresh(try RefreshRequest(decoding: body), &state))
        case .revoke:
            revoke(try RevokeRequest(decoding: body), &state)
            return request.bytes(of: RevokeResponse(serverTime: state.serverTime))
        case .introspect: return request.bytes(of: introspect(try IntrospectRequest(decoding: body), state))
        case .keys: return request.bytes(of: KeysResponse(jwks: jwks))
        case .ping: return request.bytes(of: PingResponse(serverTime: state.serverTime))
        case .hello, .auth, .stats, .forceRotation: return request.answer
        }
    }

    private var jwks: [UInt8] {
        var key: [UInt8] = []
        Base64URL.encode(signingKey.publicKey.rawBytes.span.bytes, appendingTo: &key)
        return Array(#"{"keys":[{"kty":"OKP","x":""#.utf8) + key + Array(#""}]}"#.utf8)
    }
}

extension ModelServer {
    private func sign(_ request: SignRequest, _ state: inout ModelState) -> SignResponse {
        let token = makeAccessToken(subject: request.subject, session: nil, &state)
        return SignResponse(
            serverTime: state.serverTime,
            accessToken: token,
            expiresAt: state.serverTime + 3_600,
            expiresInSeconds: 3_600
        )
    }

    /// A real JWT, remembered with what it was made for.
    private func makeAccessToken(subject: String, session: Int?, _ state: inout ModelState) -> [UInt8] {
        state.order += 1
        var token: [UInt8] = []
        Base64URL.encode(Array(#"{"alg":"EdDSA"}"#.utf8).span.bytes, appendingTo: &token)
        token.append(UInt8(ascii: "."))
        let claims = #"{"sub":"\#(subject)","exp":\#(state.serverTime + 3_600),"jti":"\#(state.order)"}"#
        Base64URL.encode(Array(claims.utf8).span.bytes, appendingTo: &token)
        let message = token
        token.append(UInt8(ascii: "."))
        var signature: [UInt8] = []
        signingKey.sign(message.span.bytes, appendingTo: &signature)
        Base64URL.encode(signature.span.bytes, appendingTo: &token)
        state.accessTokens[token] = ModelState.AccessToken(
            claims: Array(claims.utf8),
            subject: subject,
            session: session,
            order: state.order
        )
        return token
    }

    private func verify(_ request: VerifyRequest, _ state: ModelState) -> VerifyResponse {
        guard let token = state.accessTokens[request.accessToken] else {
            return VerifyResponse(isActive: false, reason: StatusCode(.signatureInvalid))
        }
        let isRevoked = token.session.map { state.sessions[$0].isRevoked } ?? false
        let isCutOff = state.cutOffs[token.subject].map { cutOff in
            token.order <= cutOff || fault == .cutOffReachesNewTokens
        }
        guard !isRevoked, isCutOff != true else {
            return VerifyResponse(isActive: false, reason: StatusCode(.tokenRevoked))
        }
        return VerifyResponse(claims: request.omitsClaims ? nil : token.claims, isActive: true)
    }

    private func open(_ request: OpenRequest, _ state: inout ModelState) -> OpenResponse {
        state.sessions.append(ModelState.Session(subject: request.subject))
        return OpenResponse(grant: grant(state.sessions.count - 1, &state))
    }

    private func grant(_ session: Int, _ state: inout ModelState) -> SessionGrant {
        let record = state.sessions[session]
        return SessionGrant(
            accessToken: makeAccessToken(subject: record.subject, session: session, &state),
            refreshToken: refreshToken(session, record.generation),
            sessionID: ModelState.sessionID(session),
            times: GrantTimes(
                serverTime: state.serverTime,
                expiresAt: state.serverTime + 3_600,
                refreshExpiresAt: record.refreshExpiresAt,
                sessionExpiresAt: 2_000_000
            )
        )
    }

    private func refreshToken(_ session: Int, _ generation: UInt32) -> [UInt8] {
        let named = fault == .successorIsNotUnique && generation > 0 ? 0 : session
        return Array("mmrt_\(named)_\(generation)_tag_of_ten_bytes".utf8)
    }
}

extension ModelServer {
    private func refresh(_ request: RefreshRequest, _ state: inout ModelState) throws(WireError) -> RefreshResponse {
        let (session, generation) = try find(request.refreshToken, &state)
        let record = state.sessions[session]
        guard !record.isRevoked || (fault == .refreshIgnoresRevocation && generation == record.generation) else {
            throw WireError(.revoked)
        }
        if generation == record.generation { return rotate(session, &state) }
        let now = ModelState.milliseconds
        let isInside = now <= record.rotatedAt + graceMilliseconds || fault == .graceNeverEnds
        let isPrevious = generation + 1 == record.generation || fault == .olderGenerationIsGrace
        guard isPrevious, isInside, fault != .noGrace else {
            endAfterReuse(session, &state)
            throw WireError(.reused)
        }
        guard record.graceUses < graceUses || fault == .graceIsNotCapped else { throw WireError(.graceExhausted) }
        if fault == .retryForks { return rotate(session, &state) }
        state.sessions[session].graceUses += 1
        if fault == .retryExtendsWindow { state.sessions[session].rotatedAt = now }
        if fault == .graceExtendsExpiry { state.sessions[session].refreshExpiresAt += 60 }
        return RefreshResponse(
            grant: grant(session, &state),
            refreshOutcome: .sameSuccessor,
            generation: record.generation
        )
    }

    private func rotate(_ session: Int, _ state: inout ModelState) -> RefreshResponse {
        state.sessions[session].generation += 1
        state.sessions[session].rotatedAt = ModelState.milliseconds
        state.sessions[session].graceUses = 0
        let generation = state.sessions[session].generation
        return RefreshResponse(grant: grant(session, &state), refreshOutcome: .rotated, generation: generation)
    }

    private func endAfterReuse(_ session: Int, _ state: inout ModelState) {
        state.sessions[session].isRevoked = true
        guard fault == .reuseEndsSubject else { return }
        let subject = state.sessions[session].subject
        for other in state.sessions.indices where state.sessions[other].subject == subject {
            state.sessions[other].isRevoked = true
        }
    }

    /// The session and generation that a refresh token names.
    private func find(
        _ token: [UInt8],
        _ state: inout ModelState
    ) throws(WireError) -> (session: Int, generation: UInt32) {
        let parts = String(decoding: token, as: UTF8.self).split(separator: "_", maxSplits: 3).map(String.init)
        guard
            parts.count == 4, let session = Int(parts[1]), state.sessions.indices.contains(session),
            let generation = UInt32(parts[2])
        else { throw WireError(.invalid) }
        guard parts[3] == "tag_of_ten_bytes" else {
            if fault == .forgedTagRevokes { state.sessions[session].isRevoked = true }
            throw WireError(.invalid)
        }
        return (session, generation)
    }

    private func revoke(_ request: RevokeRequest, _ state: inout ModelState) {
        switch request.target {
        case .refreshToken(let token):
            guard let (session, _) = try? find(token, &state) else { return }
            state.sessions[session].isRevoked = true
        case .sessionID(let id):
            guard let session = state.sessions.indices.first(where: { ModelState.sessionID($0) == id }) else { return }
            state.sessions[session].isRevoked = true
        case .subject(let subject):
            state.cutOffs[subject] = state.order
            for session in state.sessions.indices where state.sessions[session].subject == subject {
                state.sessions[session].isRevoked = true
            }
        case .clientID, .all:
            return
        }
    }

    private func introspect(_ request: IntrospectRequest, _ state: ModelState) -> IntrospectResponse {
        var state = state
        let reason: Status?
        do throws(WireError) {
            let (session, _) = try find(request.refreshToken, &state)
            reason = state.sessions[session].isRevoked ? .revoked : nil
        } catch {
            reason = error.status
        }
        return IntrospectResponse(
            serverTime: state.serverTime,
            isActive: reason == nil,
            reason: reason.map { StatusCode($0) }
        )
    }
}

/// What a model server remembers.
struct ModelState: Sendable {
    struct Session: Sendable {
        var subject: String
        var generation: UInt32 = 0
        /// By the monotonic clock.
        var rotatedAt: Int64 = 0
        var graceUses = 0
        var isRevoked = false
        var refreshExpiresAt: UInt64 = 1_000_000
    }

    struct AccessToken: Sendable {
        var claims: [UInt8]
        var subject: String
        var session: Int?
        var order: Int
    }

    var sessions: [Session] = []
    var accessTokens: [[UInt8]: AccessToken] = [:]
    /// For each subject the last token that was made before its revocation.
    var cutOffs: [String: Int] = [:]
    var order = 0
    let serverTime: UInt64 = 10_000

    static func sessionID(_ session: Int) -> [UInt8] {
        [UInt8](repeating: 0, count: 8) + (0..<8).map { UInt8(truncatingIfNeeded: session >> ($0 * 8)) }
    }

    static var milliseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}
