package import MintmarkCrypto
import MintmarkEngine
import MintmarkSessions
import MintmarkTokens
import MintmarkWire

/// An engine on one thread without clocks, sockets and files: request frames in, answer frames out.
///
/// Its clocks stand still and its randomness is the same in every run, so it does the same whenever it is asked the same.
package struct InMemoryEngine: ~Copyable {
    /// What its wall clock shows: seconds since 1970.
    package static let wallSeconds: UInt64 = 1_800_000_000

    /// What it goes on using when it is reset. Its keys are in guarded memory, which costs more than all the rest.
    private struct Lasting {
        let keys: KeyRing
        let codec: RefreshTokenCodec
        let cacheByteCount: Int?
        /// Where in the randomness the sessions begin, behind what the cache and the master key have drawn.
        let sessionsPosition: UInt64
    }

    private let lasting: Lasting
    private let caller = Caller(
        session: SessionCaller(clientID: Array("local".utf8), policy: ClientPolicy()),
        permissions: Permissions(isAdministrator: true)
    )
    private let instant = SessionInstant(
        serviceMilliseconds: 1_000_000,
        storeSeconds: wallSeconds,
        wallSeconds: wallSeconds
    )
    private var changing: Changing
    private var executor: RequestExecutor
    private var output = FrameWriter()

    /// - Parameters:
    ///   - key: Signs the access tokens.
    ///   - cacheByteCount: Of the cache of verified tokens; nil is none.
    package init(key: Ed25519SigningKey, cacheByteCount: Int?) throws {
        let random = RepeatableRandom()
        _ = Self.cache(cacheByteCount, random)
        let master = SecretBytes(count: KeyDerivation.masterByteCount, random: random)
        lasting = Lasting(
            keys: try KeyRing([KeyRing.Key(key.publicKey, state: .active)], signingKey: key),
            codec: RefreshTokenCodec(
                keys: [RefreshTokenKey(id: 1, firstEpoch: StoreEpoch(rawValue: 0), master: master)]
            ),
            cacheByteCount: cacheByteCount,
            sessionsPosition: random.position
        )
        changing = Changing(lasting)
        executor = changing.executor(lasting)
    }

    /// Makes it answer as a new one would: what it was asked has no effect any more, but that STATS goes on counting.
    ///
    /// Cheap where nothing else was changed.
    package mutating func reset() {
        guard changing.isChanged else { return }
        changing = Changing(lasting)
        executor = changing.executor(lasting)
    }

    private static func cache(_ byteCount: Int?, _ random: RepeatableRandom) -> VerifiedTokenCache? {
        byteCount.map { VerifiedTokenCache(byteCountMax: $0, random: random) }
    }

    /// Answers one request frame, whose kind must not be AUTH, and hands the answer's frame to `read`. A HELLO is not
    /// looked into, and what is behind the frame is not looked at.
    package mutating func answer<Result>(_ frame: [UInt8], _ read: (borrowing [UInt8]) -> Result) -> Result {
        guard case .frame(let header, let body) = FrameScanner().scan(frame.span.bytes, at: 0) else {
            preconditionFailure("the request is a whole frame")
        }
        output.bytes.removeAll(keepingCapacity: true)
        guard header.requestKind != .hello else {
            executor.appendHello(
                version: ProtocolIdentity.version,
                requestID: header.requestID,
                owesAuthentication: false,
                instant: instant,
                to: &output
            )
            return read(output.bytes)
        }
        _ = executor.execute(
            header,
            body: frame.span.bytes.extracting(body),
            caller: caller,
            instant: instant,
            into: &output
        )
        return read(output.bytes)
    }
}

extension InMemoryEngine {
    /// What requests change.
    private struct Changing {
        private let random: RepeatableRandom
        private let sessions: SessionStore
        /// How far the randomness was used up when nothing had been asked yet.
        private let startPosition: UInt64

        init(_ lasting: Lasting) {
            random = RepeatableRandom(position: lasting.sessionsPosition)
            sessions = SessionStore(
                limits: SessionStoreLimits(),
                codec: lasting.codec,
                epoch: StoreEpoch(rawValue: 0),
                journal: MemoryJournal(),
                random: random
            )
            startPosition = random.position
        }

        /// Whether any request may have had an effect: it was journaled, an access token was given its time, or
        /// randomness was drawn. A token is given its time before it is given its name and gets into the cache.
        var isChanged: Bool {
            sessions.journal.lastLSN != .zero || sessions.cutOffs.greatestIssuedAt != 0
                || random.position != startPosition
        }

        func executor(_ lasting: Lasting) -> RequestExecutor {
            let engine = Engine(
                settings: Engine.Settings(
                    serverBuild: "mintmark-counts",
                    frameLengthMax: Limits.frameLengthMax,
                    inFlightMax: Limits.inFlightMax,
                    fillNonce: random.fill,
                    wallSeconds: { wallSeconds }
                ),
                tokens: CurrentTokenService(
                    TokenService(
                        keys: lasting.keys,
                        profile: TokenProfile(issuer: Array("https://auth.example".utf8)),
                        cache: cache(lasting.cacheByteCount, RepeatableRandom()),
                        leewaySeconds: 30
                    )
                ),
                sessions: sessions,
                statistics: ServerStatistics(),
                readiness: Readiness([])
            )
            return RequestExecutor(engine: engine, claimsWriter: ClaimsWriter(random: ConsecutiveNumbers()))
        }
    }
}
