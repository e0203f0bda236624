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
        /// It looks at the session, and then, in a second step, writes: only requests that meet can tell.
        case checksThenWrites
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
    let fault: Fault?
    private let signingKey: Ed25519SigningKey
    private let state = NIOLockedValueBox(ModelState())
    /// For each refresh token the requests that were checked, where the fault is to write later.
    private let checked = NIOLockedValueBox<[[UInt8]: Int]>([:])

    init(fault: Fault? = nil, graceMilliseconds: Int64 = 300, graceUses: Int = 16) {
        self.fault = fault
        self.graceMilliseconds = graceMilliseconds
        self.graceUses = graceUses
        signingKey = Ed25519SigningKey(random: SystemRandom())
    }

    /// Changes what it remembers.
    func change(_ body: (inout ModelState) -> Void) { state.withLockedValue(body) }

    /// What a fake server does with it.
    var script: FakeServer.Script {
        { [self] request in [.write(answer(request))] }
    }

    /// The answer to a request, as bytes.
    func answer(_ request: FakeServer.Request) -> [UInt8] {
        let stale = fault == .checksThenWrites && request.kind == .refresh ? staleSession(of: request) : nil
        do throws(WireError) {
            return try state.withLockedValue { state in
                if let stale { state.sessions[stale.index] = stale.session }
                return Result { () throws(WireError) in try answer(request, &state) }
            }.get()
        } catch {
            return request.error(error.status)
        }
    }

    /// The session of a REFRESH as it is now, which it may not be any more when somebody gets around to it.
    private func staleSession(of request: FakeServer.Request) -> (index: Int, session: ModelState.Session)? {
        guard let token = try? RefreshRequest(decoding: request.body.span.bytes).refreshToken else { return nil }
        let stale = state.withLockedValue { state in
            (try? find(token, &state)).map { ($0.session, state.sessions[$0.session]) }
        }
        // The fault itself: between check and write others come through. One more with this token is waited for, since on
        // a busy machine requests seldom meet.
        let count = checked.withLockedValue { checked in
            checked[token, default: 0] += 1
            return checked[token]
        }
        var pausesLeft = 100
        while checked.withLockedValue({ $0[token] }) == count, pausesLeft > 0 {
            usleep(1_000)
            pausesLeft -= 1
        }
        return stale
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
        case .hello, .auth, .stats, .forceRotation, .snapshot: return request.answer
        case .keyList, .keyPrepare, .keyActivate, .keyRevoke, .keyImport: return request.answer
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
    func makeAccessToken(subject: String, session: Int?, _ state: inout ModelState) -> [UInt8] {
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
        let isRevoked =
            token.session.map { state.sessions.indices.contains($0) && state.sessions[$0].isRevoked } ?? false
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

    func grant(_ session: Int, _ state: inout ModelState) -> SessionGrant {
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

    func refreshToken(_ session: Int, _ generation: UInt32) -> [UInt8] {
        let named = fault == .successorIsNotUnique && generation > 0 ? 0 : session
        return Array("mmrt_\(named)_\(generation)_tag_of_ten_bytes".utf8)
    }
}
