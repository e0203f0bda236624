import MintmarkCrypto
import MintmarkSessions

/// A store with a test journal, clocks that stand where the test puts them, and requests in one line.
final class StoreFixture {
    let store: SessionStore
    let journal: TestJournal
    let codec: RefreshTokenCodec
    var clocks = Clocks()
    var grant = GrantBuffer()

    struct Clocks {
        var serviceMilliseconds: UInt64 = 1_000_000
        var storeSeconds: UInt64 = 1_800_000_000
        var wallSeconds: UInt64 = 1_800_000_000

        var now: SessionInstant {
            SessionInstant(
                serviceMilliseconds: serviceMilliseconds,
                storeSeconds: storeSeconds,
                wallSeconds: wallSeconds
            )
        }

        mutating func advance(milliseconds: UInt64) {
            serviceMilliseconds += milliseconds
            storeSeconds += milliseconds / 1_000
            wallSeconds += milliseconds / 1_000
        }

        mutating func advance(seconds: UInt64) {
            advance(milliseconds: seconds * 1_000)
        }
    }

    static let master = SecretBytes(count: 32, random: SeededRandom(seed: 1))
    static let epoch = StoreEpoch(rawValue: 1_000 << 20)

    static func codec(master: SecretBytes = master) -> RefreshTokenCodec {
        RefreshTokenCodec(keys: [RefreshTokenKey(id: 1, firstEpoch: StoreEpoch(rawValue: 0), master: master)])
    }

    init(
        limits: SessionStoreLimits = SessionStoreLimits(),
        epoch: StoreEpoch = StoreFixture.epoch,
        journal: TestJournal = TestJournal(),
        codec: RefreshTokenCodec = StoreFixture.codec(),
        seed: UInt64 = 7
    ) {
        self.journal = journal
        self.codec = codec
        store = SessionStore(
            limits: limits,
            codec: codec,
            epoch: epoch,
            journal: journal,
            random: SeededRandom(seed: seed)
        )
    }

    var now: SessionInstant {
        clocks.now
    }

    /// Everything so far becomes durable, and the store is told.
    func sync() {
        journal.sync()
        store.durabilityAdvanced(to: journal.durableLSN, atMilliseconds: clocks.serviceMilliseconds)
    }
}

extension SessionCaller {
    static func client(_ name: String = "local", _ change: (inout ClientPolicy) -> Void = { _ in }) -> SessionCaller {
        var policy = ClientPolicy()
        change(&policy)
        return SessionCaller(clientID: Array(name.utf8), policy: policy)
    }
}

/// What a successful call gave, copied out of the grant.
struct Granted: Equatable {
    let token: [UInt8]
    let sessionID: SessionID
    let outcome: RotationOutcome
    let generation: TokenGeneration
    let issuedAt: UInt64
    let expiresAt: UInt64
    let refreshExpiry: UInt64
    let sessionExpiry: UInt64
    let after: LogSequenceNumber
    let subject: [UInt8]
    let audience: [UInt8]
    let scope: [UInt8]
    let claims: [UInt8]
    let graceStreak: UInt16

    init(_ grant: GrantBuffer, after: LogSequenceNumber) {
        token = Array(grant.bytes[grant.refreshToken])
        sessionID = grant.sessionID
        outcome = grant.outcome
        generation = grant.generation
        issuedAt = grant.issuedAtSeconds
        expiresAt = grant.expiresAtSeconds
        refreshExpiry = grant.refreshExpirySeconds
        sessionExpiry = grant.sessionExpirySeconds
        self.after = after
        subject = Array(grant.bytes[grant.subject])
        audience = Array(grant.bytes[grant.audience])
        scope = Array(grant.bytes[grant.scope])
        claims = Array(grant.bytes[grant.claims])
        graceStreak = grant.graceStreak
    }
}

enum Outcome: Equatable {
    case granted(Granted)
    case refused(SessionRejection)
    case again(after: LogSequenceNumber)

    var granted: Granted? {
        if case .granted(let granted) = self { granted } else { nil }
    }

    var rejection: SessionRejection? {
        if case .refused(let rejection) = self { rejection } else { nil }
    }

    var refusal: SessionRefusal? {
        rejection?.refusal
    }

    var refreshOutcome: RotationOutcome? {
        granted?.outcome
    }
}

/// A wire list of texts.
func audience(_ items: String...) -> [UInt8] {
    items.flatMap { [UInt8($0.utf8.count >> 8), UInt8($0.utf8.count & 255)] + Array($0.utf8) }
}

/// Appends parts to one request body.
struct Body {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ part: [UInt8]) -> Range<Int> {
        bytes.append(contentsOf: part)
        return (bytes.count - part.count)..<bytes.count
    }
}
