import MintmarkCrypto
import MintmarkSessions
import MintmarkSessionsTestSupport

@testable import MintmarkStorage

/// What a store went through, from its first start on: every kind of event, a snapshot in the middle, a second life.
///
/// Plays on a directory, and notes after each box what the store held.
final class StorageHistory {
    /// How things stood when a box of the last segment was complete.
    struct Checkpoint {
        /// Where the box ends.
        let offset: Int
        let content: StoreContent
    }

    let directory: MemoryDirectory
    /// Before the first box of the last segment, and after each.
    private(set) var checkpoints: [Checkpoint] = []
    /// The newest token of each session that is alive, by subject.
    private(set) var tokens: [String: [UInt8]] = [:]

    private let fixture: StorageFixture
    private var grant = GrantBuffer()

    private static let rotating = SessionCaller.client("local")
    private static let constant = SessionCaller.client("constant") { $0.rotation = .never }
    private static let bound = SessionCaller.client("bound") { $0.context = .rotate }

    /// - Parameter rounds: how often the last life goes through everything; each is some 25 events.
    init(master: SecretBytes = StorageFixture.master, seed: UInt64 = 1, rounds: Int) throws {
        directory = MemoryDirectory()
        fixture = StorageFixture(directory, master: master, seed: seed)
        try fixture.start()
        play("first")
        guard fixture.snapshot() == nil else { preconditionFailure("a snapshot failed") }
        play("second")
        checkpoints = [Checkpoint(offset: JournalSegmentHeader.byteCount, content: StoreContent(of: fixture.store))]
        fixture.kill()
        try fixture.start()
        noteCheckpoint()
        for round in 0..<rounds {
            play("round \(round)")
        }
        fixture.kill()
        trimLastSegment()
    }

    /// The number of the last segment.
    static let lastSegment: UInt64 = 3

    /// Leaves but a few of the zeros behind the last box, so that reading the file often is quick.
    private func trimLastSegment() {
        let name = StoreFiles.segment(Self.lastSegment)
        guard let bytes = directory[name], let end = checkpoints.last?.offset else {
            preconditionFailure("the last segment is \(directory.files.keys.sorted())")
        }
        directory[name] = Array(bytes.prefix(end + 256))
    }

    // MARK: The play

    private func play(_ name: String) {
        rotate(name)
        keep(name)
        bind(name)
        revoke(name)
        decree(name)
    }

    /// Rotations, one of them forced, and a grace answer.
    private func rotate(_ name: String) {
        let subject = "\(name), rotating"
        let opened = open(subject, Self.rotating)
        var token = refresh(opened.token, Self.rotating).token
        work()
        _ = refresh(opened.token, Self.rotating)
        work()
        fixture.advance(milliseconds: 1_100)
        work()
        _ = fixture.store.forceRotation(.session(opened.sessionID), now: fixture.now)
        for _ in 0..<3 {
            token = refresh(token, Self.rotating).token
        }
        work()
        if let earlier = tokens["second, rotating"], name != "second" {
            tokens["second, rotating"] = refresh(earlier, Self.rotating).token
        }
        tokens[subject] = token
    }

    /// A session whose token stays, used late enough that its expiry moves.
    private func keep(_ name: String) {
        let opened = open("\(name), constant", Self.constant)
        fixture.advance(milliseconds: 3 * 86_400_000)
        _ = refresh(opened.token, Self.constant)
        work()
        tokens["\(name), constant"] = opened.token
    }

    /// Contexts.
    private func bind(_ name: String) {
        let opened = open("\(name), bound", Self.bound, context: "home")
        let token = refresh(opened.token, Self.bound, context: "away").token
        work()
        tokens["\(name), bound"] = refresh(token, Self.bound, context: "away").token
        work()
    }

    /// Revocations of one session: on request, and as the verdict on reuse.
    private func revoke(_ name: String) {
        let requested = open("\(name), revoked", Self.rotating)
        work()
        _ = fixture.revoke(.session(requested.sessionID))
        let reused = open("\(name), reused", Self.rotating)
        let next = refresh(reused.token, Self.rotating)
        _ = refresh(next.token, Self.rotating)
        work()
        let outcome = fixture.store.refresh(reused.token, caller: Self.rotating, now: fixture.now, grant: &grant)
        precondition(outcome.refusal == .reused, "\(outcome)")
        work()
    }

    /// What concerns many: cut-offs and forced rotations.
    private func decree(_ name: String) {
        _ = open("\(name), cut off", Self.rotating)
        _ = fixture.revoke(.everything(of: .subject(Array("\(name), cut off".utf8))))
        _ = fixture.store.forceRotation(.everything(of: .client(Array("bound".utf8))), now: fixture.now)
        work()
        _ = fixture.revoke(.everything(of: .client(Array("\(name), nobody".utf8))))
        _ = fixture.store.forceRotation(.everything(of: .all), now: fixture.now)
        work()
    }

    private func open(_ subject: String, _ caller: SessionCaller, context: String? = nil) -> Granted {
        let outcome = fixture.store.open(
            subject: subject,
            scope: "read write",
            claims: #"{"plan":"pro"}"#,
            context: context,
            caller: caller,
            now: fixture.now,
            grant: &grant
        )
        return granted(outcome)
    }

    private func refresh(_ token: [UInt8], _ caller: SessionCaller, context: String? = nil) -> Granted {
        granted(fixture.store.refresh(token, context: context, caller: caller, now: fixture.now, grant: &grant))
    }

    private func granted(_ outcome: Outcome) -> Granted {
        guard let granted = outcome.granted else { preconditionFailure("\(outcome)") }
        return granted
    }

    private func work() {
        let boxes = fixture.journal.counters.boxes
        fixture.work()
        precondition(fixture.journal.counters.boxes <= boxes + 1, "more than one box at a time")
        if !checkpoints.isEmpty, fixture.journal.counters.boxes > boxes {
            noteCheckpoint()
        }
    }

    private func noteCheckpoint() {
        checkpoints.append(
            Checkpoint(
                offset: JournalSegmentHeader.byteCount + Int(fixture.journal.counters.bytes),
                content: StoreContent(of: fixture.store)
            )
        )
    }
}

/// All that a store's files say of it.
struct StoreContent: Equatable {
    var records: [SessionID: SessionRecord] = [:]
    var cutOffs: [SessionTarget: CutOff] = [:]
    var forcedRotations: [SessionTarget: LogSequenceNumber] = [:]
    var epoch: StoreEpoch

    init(of store: SessionStore) {
        epoch = store.epoch
        for number in 0..<store.shardCount {
            store.copyShard(number).forEach { records[$0.state.id] = Self.written($0) }
        }
        for entry in store.cutOffs.entries {
            cutOffs[entry.target] = entry.cutOff
        }
        for entry in store.forcedMarks.entries {
            forcedRotations[entry.target] = entry.lsn
        }
    }

    /// Without what may be ahead of the files, or is told to recovery by other means than events.
    private static func written(_ record: SessionRecord) -> SessionRecord {
        var record = record
        record.state.lastUsedSeconds = 0
        record.state.accessTokenExpirySeconds = 0
        record.state.isRotationReleased = true
        record.state.rotatedAtMilliseconds = 0
        return record
    }
}
