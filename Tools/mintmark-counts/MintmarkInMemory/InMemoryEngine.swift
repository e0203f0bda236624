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

    private var executor: RequestExecutor
    private var output = FrameWriter()
    private let caller = Caller(
        session: SessionCaller(clientID: Array("local".utf8), policy: ClientPolicy()),
        permissions: Permissions(isAdministrator: true)
    )
    private let instant = SessionInstant(
        serviceMilliseconds: 1_000_000,
        storeSeconds: wallSeconds,
        wallSeconds: wallSeconds
    )

    /// - Parameters:
    ///   - key: Signs the access tokens.
    ///   - cacheByteCount: Of the cache of verified tokens; nil is none.
    package init(key: Ed25519SigningKey, cacheByteCount: Int?) throws {
        let random = RepeatableRandom()
        let engine = Engine(
            settings: Engine.Settings(
                serverBuild: "mintmark-counts",
                frameLengthMax: Limits.frameLengthMax,
                inFlightMax: Limits.inFlightMax,
                fillNonce: random.fill,
                wallSeconds: { Self.wallSeconds }
            ),
            tokens: CurrentTokenService(
                TokenService(
                    keys: try KeyRing([KeyRing.Key(key.publicKey, state: .active)], signingKey: key),
                    profile: TokenProfile(issuer: Array("https://auth.example".utf8)),
                    cache: cacheByteCount.map { VerifiedTokenCache(byteCountMax: $0, random: random) },
                    leewaySeconds: 30
                )
            ),
            sessions: Self.sessions(random),
            statistics: ServerStatistics(),
            readiness: Readiness([])
        )
        executor = RequestExecutor(engine: engine, claimsWriter: ClaimsWriter(random: random))
    }

    private static func sessions(_ random: some RandomSource) -> SessionStore {
        let master = SecretBytes(count: KeyDerivation.masterByteCount, random: random)
        let epoch = StoreEpoch(rawValue: 0)
        return SessionStore(
            limits: SessionStoreLimits(),
            codec: RefreshTokenCodec(keys: [RefreshTokenKey(id: 1, firstEpoch: epoch, master: master)]),
            epoch: epoch,
            journal: MemoryJournal(),
            random: random
        )
    }

    /// Answers one request frame, whose kind must not be HELLO or AUTH, and hands the answer's frame to `read`. What is
    /// behind the frame is not looked at.
    package mutating func answer<Result>(_ frame: [UInt8], _ read: (borrowing [UInt8]) -> Result) -> Result {
        guard case .frame(let header, let body) = FrameScanner().scan(frame.span.bytes, at: 0) else {
            preconditionFailure("the request is a whole frame")
        }
        output.bytes.removeAll(keepingCapacity: true)
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
