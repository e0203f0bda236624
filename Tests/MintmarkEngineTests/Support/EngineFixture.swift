import MintmarkCrypto
import MintmarkEngine
import MintmarkSessions
import MintmarkTokens
import MintmarkWire
import NIOConcurrencyHelpers
import Testing

typealias OpenRequest = MintmarkWire.OpenRequest
typealias RefreshRequest = MintmarkWire.RefreshRequest
typealias SessionGrant = MintmarkWire.SessionGrant

/// An engine with one executor, clocks that stand where the test puts them, and requests in one line.
final class EngineFixture {
    static let start: UInt64 = 1_800_000_000
    static let requestID: UInt32 = 42
    static let peer = "127.0.0.1:4711"

    let journal = StepJournal()
    let engine: Engine
    private let wall = NIOLockedValueBox(start)
    private var executor: RequestExecutor
    private var serviceMilliseconds: UInt64 = 1_000_000
    var caller: Caller

    /// What a request came to.
    struct Answer {
        var disposition: Disposition
        var frame: [UInt8]

        var header: FrameHeader? {
            guard case .frame(let header, _) = scan else { return nil }
            return header
        }

        var body: [UInt8] { Array(frame.dropFirst(10)) }
        var error: ErrorResponse? {
            header?.isError == true ? try? ErrorResponse(decoding: body.span.bytes) : nil
        }
        var status: Status? { error.flatMap { Status(rawValue: $0.status.rawValue) } }
        var field: MintmarkWire.Tag? { error?.field.flatMap { MintmarkWire.Tag(rawValue: $0) } }

        private var scan: FrameScan {
            FrameScanner(lengthMax: Limits.frameLengthMaxCeiling).scan(frame.span.bytes, at: 0)
        }
    }

    init(
        cacheBytes: Int? = nil,
        snapshots: StepSnapshots? = nil,
        audit: StepAudit? = nil,
        keys: StepKeys? = nil,
        _ change: (inout ClientPolicy) -> Void = { _ in }
    ) throws {
        let random = SystemRandom()
        var policy = ClientPolicy()
        change(&policy)
        caller = Self.administrator("local", policy: policy)
        let key = Ed25519SigningKey(random: random)
        let master = SecretBytes(count: KeyDerivation.masterByteCount, random: random)
        let sessions = SessionStore(
            limits: SessionStoreLimits(),
            codec: RefreshTokenCodec(
                keys: [RefreshTokenKey(id: 1, firstEpoch: StoreEpoch(rawValue: 0), master: master)]
            ),
            epoch: StoreEpoch(rawValue: 1_000 << 20),
            journal: journal,
            random: random
        )
        engine = Engine(
            settings: Engine.Settings(
                serverBuild: "mintmarkd/test",
                frameLengthMax: Limits.frameLengthMax,
                inFlightMax: Limits.inFlightMax,
                fillNonce: { $0.initializeMemory(as: UInt8.self, repeating: 9) },
                wallSeconds: { [wall] in wall.withLockedValue { $0 } },
                profile: { ServerProfile(buildID: [1, 2], settings: ["threads=1"], settingsDigest: Array(0..<32)) }
            ),
            tokens: CurrentTokenService(
                TokenService(
                    keys: try KeyRing([KeyRing.Key(key.publicKey, state: .active)], signingKey: key),
                    profile: TokenProfile(issuer: Array("https://issuer.example".utf8)),
                    cache: cacheBytes.map { VerifiedTokenCache(byteCountMax: $0, random: random) },
                    leewaySeconds: 30
                )
            ),
            sessions: sessions,
            statistics: ServerStatistics(),
            readiness: Readiness([]),
            snapshots: snapshots,
            audit: audit,
            keys: keys
        )
        executor = RequestExecutor(engine: engine, claimsWriter: ClaimsWriter(random: random))
        executor.peer = Self.peer
    }

    /// Somebody who may do everything.
    static func administrator(_ id: String = "local", policy: ClientPolicy = ClientPolicy()) -> Caller {
        Caller(
            session: SessionCaller(clientID: Array(id.utf8), policy: policy),
            permissions: Permissions(isAdministrator: true)
        )
    }

    /// Somebody who may do everything with what is its own.
    static func user(_ id: String, policy: ClientPolicy = ClientPolicy()) -> Caller {
        Caller(
            session: SessionCaller(clientID: Array(id.utf8), policy: policy),
            permissions: Permissions(isAdministrator: false)
        )
    }

    var now: UInt64 { wall.withLockedValue { $0 } }

    var instant: SessionInstant {
        SessionInstant(serviceMilliseconds: serviceMilliseconds, storeSeconds: now, wallSeconds: now)
    }

    func advance(milliseconds: UInt64) {
        serviceMilliseconds += milliseconds
        wall.withLockedValue { $0 += milliseconds / 1_000 }
    }

    /// Moves the wall clock alone.
    func setWall(_ seconds: UInt64) {
        wall.withLockedValue { $0 = seconds }
    }

    /// Everything appended becomes durable, and the store is told.
    func release() {
        journal.release()
        engine.sessions.durabilityAdvanced(to: journal.durableLSN, atMilliseconds: serviceMilliseconds)
    }

    func perform(_ request: some WireRequest) throws -> Answer {
        var writer = FrameWriter(lengthMax: Limits.frameLengthMaxCeiling)
        try request.encode(requestID: Self.requestID, into: &writer)
        return try perform(frame: writer.bytes)
    }

    func perform(frame: [UInt8], isRepetition: Bool = false) throws -> Answer {
        let scan = FrameScanner(lengthMax: Limits.frameLengthMaxCeiling).scan(frame.span.bytes, at: 0)
        guard case .frame(let header, let body) = scan else { throw WireError(.frameLength) }
        var output = FrameWriter()
        let disposition = executor.execute(
            header,
            body: frame.span.bytes.extracting(body),
            caller: caller,
            instant: instant,
            isRepetition: isRepetition,
            into: &output
        )
        return Answer(disposition: disposition, frame: output.bytes)
    }

    /// What is said of a change of keys that has its outcome.
    func answer(to job: KeyJob) -> Answer {
        var output = FrameWriter()
        executor.appendKeyAnswer(job, requestID: Self.requestID, instant: instant, to: &output)
        return Answer(disposition: .ready, frame: output.bytes)
    }

    /// Tells the executor of a frame that may follow.
    func announce(frame: [UInt8]) {
        if case .frame(let header, let body) = FrameScanner().scan(frame.span.bytes, at: 0) {
            executor.announce(header, body: frame.span.bytes.extracting(body))
        } else {
            executor.finishAnnouncement()
        }
    }

    /// The answer to a request that succeeds.
    func call<Request: WireRequest>(_ request: Request) throws -> Request.Response {
        let answer = try perform(request)
        if let error = answer.error { throw error }
        #expect(answer.header?.responseKind == Request.kind)
        #expect(answer.header?.requestID == Self.requestID)
        return try Request.Response(decoding: answer.body.span.bytes)
    }

    /// Lets another service count, from the next request on.
    func replaceTokens(with service: TokenService) {
        engine.tokens.replace(with: service)
        executor.beginBurst()
    }

    func count(_ name: String) -> UInt64? {
        engine.statistics.read().first { $0.name == name }?.value
    }
}

extension EngineFixture {
    /// A token of the key that signs now, or of `signer`, that says it belongs to a session.
    func token(
        _ subject: String,
        clientID: String,
        of session: [UInt8],
        signer: TokenSigner? = nil
    ) throws -> [UInt8] {
        let signer = signer ?? engine.tokens.now.signer
        let beginning = signer.claimsBeginning
        var writer = ClaimsWriter(random: SystemRandom())
        var audiences: [UInt8] = []
        AudienceList.append(Array("api".utf8).span.bytes, to: &audiences)
        writer.write(
            beginning: beginning.span.bytes,
            subject: Array(subject.utf8).span.bytes,
            audiences: audiences.span.bytes,
            clientID: Array(clientID.utf8).span.bytes,
            scope: RawSpan(),
            customClaims: RawSpan(),
            issuedAt: now,
            expiresAt: now + 300,
            sessionID: session.reduce(0) { $0 << 8 | UInt128($1) }
        )
        var room = [UInt8](repeating: 0, count: signer.byteCount(of: writer))
        _ = try signer.sign(writer, into: &room)
        return room
    }

    func open(_ subject: String = "user-1") throws -> SessionGrant {
        try call(OpenRequest(subject: subject, audience: ["api"])).grant
    }

    func sign(_ subject: String = "user-1") throws -> [UInt8] {
        try call(SignRequest(subject: subject, audience: ["api"])).accessToken
    }

    /// Nil for an active token, else the reason.
    func refusal(of token: [UInt8], leeway: UInt32? = nil, live: Bool = false) throws -> Status? {
        let request = VerifyRequest(
            accessToken: token,
            expectedAudience: .named("api"),
            requiresLiveSession: live,
            leewaySeconds: leeway
        )
        let verdict = try call(request)
        #expect(verdict.isActive == (verdict.reason == nil))
        return verdict.reason.flatMap { Status(rawValue: $0.rawValue) }
    }
}
