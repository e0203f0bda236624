import MintmarkCrypto

@testable import MintmarkSessions
@testable import MintmarkStorage

/// Golden content from files, read by the daemon's own code.
extension GoldenContent {
    init(reading directory: any StorageDirectory, master: SecretBytes) throws {
        let (manifest, keys) = try StoreReader.manifest(in: directory, master: master)
        let reader = StoreReader(directory: directory, keys: keys, manifest: manifest)
        let parts = Parts()
        let content = try reader.readSnapshot(parts.receiver)
        self.manifest = Manifest(manifest)
        snapshot = Snapshot(content, parts)
        var segments: [Segment] = []
        var number = manifest.snapshot.firstSegment
        while try directory.list().contains(StoreFiles.segment(number)) {
            segments.append(
                try Segment(StoreReader.Segment(try directory.open(StoreFiles.segment(number)), keys: keys), keys)
            )
            number += 1
        }
        self.segments = segments
        // And once as recovery reads them, one behind the other.
        _ = try reader.readJournal(marks: content.marks) { _, _ in }
    }

    /// Gathers what a snapshot hands out.
    fileprivate final class Parts {
        var records: [Record] = []
        var cutOffs: [CutOff] = []
        var forcedRotations: [ForcedRotation] = []

        var receiver: SnapshotDecoder.Receiver {
            SnapshotDecoder.Receiver(
                record: { (record, _) throws(StorageFormatFault) in self.records.append(Record(record)) },
                cutOff: { target, cutOff in
                    self.cutOffs.append(
                        CutOff(
                            target: Target(target),
                            lsn: cutOff.lsn.rawValue,
                            issuedAtMax: cutOff.facts.issuedAtMax,
                            storeSeconds: cutOff.facts.storeSeconds
                        )
                    )
                },
                forcedRotation: { target, lsn, storeSeconds in
                    let rotation = ForcedRotation(target: Target(target), lsn: lsn.rawValue, storeSeconds: storeSeconds)
                    self.forcedRotations.append(rotation)
                }
            )
        }
    }
}

extension GoldenContent.Manifest {
    init(_ manifest: StoreManifest) {
        keyID = manifest.keyID
        storeID = "\(manifest.storeID)"
        snapshotID = "\(manifest.snapshot.id)"
        snapshotTag = "\(manifest.snapshotTag.text)"
        snapshotByteCount = manifest.snapshotByteCount
        firstSegment = manifest.snapshot.firstSegment
        lastLSN = manifest.lastLSN.rawValue
        epoch = manifest.epoch.rawValue
        previousSnapshotID = "\(manifest.previous?.id ?? .zero)"
        previousFirstSegment = manifest.previous?.firstSegment ?? 0
        serviceMilliseconds = manifest.serviceMilliseconds
        storeSeconds = manifest.storeSeconds
    }
}

extension GoldenContent.Clocks {
    init(_ clocks: JournalClocks) {
        serviceMilliseconds = clocks.serviceMilliseconds
        storeSeconds = clocks.storeSeconds
        issuedAtMax = clocks.issuedAtMax
    }
}

extension GoldenContent.Target {
    init(_ target: SessionTarget) {
        switch target {
        case .subject(let name): self.init(kind: "subject", name: String(decoding: name, as: UTF8.self))
        case .client(let name): self.init(kind: "client", name: String(decoding: name, as: UTF8.self))
        case .all: self.init(kind: "all", name: nil)
        }
    }
}

extension GoldenContent.TokenKey {
    init(_ key: RefreshTokenKey) {
        id = key.id
        firstEpoch = key.firstEpoch.rawValue
        isHonoured = key.isHonoured
        fingerprint = key.tagKey.map { secret in
            let nothing: [UInt8] = []
            var fingerprint: [UInt8] = []
            KeyedBLAKE2b(key: secret, tagByteCount: 16)
                .authenticate(nothing.span.bytes, appendingTo: &fingerprint)
            return fingerprint.hexadecimal
        }
    }
}

extension GoldenContent.Snapshot {
    fileprivate init(_ content: SnapshotFile.Content, _ parts: GoldenContent.Parts) {
        id = "\(content.header.id)"
        shardCount = content.header.shardCount
        firstSegment = content.header.firstSegment
        tablesMark = content.facts.tablesMark.rawValue
        epoch = content.facts.epoch.rawValue
        clocks = GoldenContent.Clocks(content.facts.clocks)
        tokenKeys = content.facts.tokenKeys.map { GoldenContent.TokenKey($0) }
        marks = content.marks.shards.map(\.rawValue)
        sessions = parts.records.sorted { $0.id < $1.id }
        cutOffs = parts.cutOffs.sorted { $0.lsn < $1.lsn }
        forcedRotations = parts.forcedRotations.sorted { $0.lsn < $1.lsn }
    }
}

extension GoldenContent.Record {
    init(_ record: SessionRecord) {
        let state = record.state
        id = state.id.text
        openLSN = state.openLSN.rawValue
        epoch = state.current.epoch.rawValue
        generation = state.current.number
        previousEpoch = state.previousEpoch?.rawValue
        rotatedAtMilliseconds = state.rotatedAtMilliseconds
        graceUses = state.graceUses
        graceStreak = state.graceStreak
        createdSeconds = state.createdSeconds
        lastUsedSeconds = state.lastUsedSeconds
        absoluteExpirySeconds = state.absoluteExpirySeconds
        idleExpirySeconds = state.idleExpirySeconds
        accessTokenExpirySeconds = state.accessTokenExpirySeconds
        forcedLSN = state.forcedRotation.markLSN.rawValue
        forcedStage = state.forcedRotation.stage.text
        contextHash = state.contextHash?.text
        revoked = state.revocation?.text
        isReleased = state.isRotationReleased
        hasGraceAnswer = state.hasGraceAnswer
        isTombstone = state.isTombstone
        client = String(decoding: record.terms.client, as: UTF8.self)
        subject = String(decoding: record.terms.subject, as: UTF8.self)
        audience = Self.items(record.terms.audience)
        scope = String(decoding: record.terms.scope, as: UTF8.self)
        claims = String(decoding: record.terms.claims, as: UTF8.self)
    }

    private static func items(_ list: [UInt8]) -> [String] {
        var items: [String] = []
        var rest = list[...]
        while rest.count >= 2 {
            let byteCount = Int(rest[rest.startIndex]) << 8 | Int(rest[rest.startIndex + 1])
            items.append(String(decoding: rest.dropFirst(2).prefix(byteCount), as: UTF8.self))
            rest = rest.dropFirst(2 + byteCount)
        }
        return items
    }
}

extension GoldenContent.Segment {
    init(_ segment: StoreReader.Segment, _ keys: StorageKeys) throws {
        number = segment.header.number
        origin = "\(segment.header.origin)"
        lastLSN = segment.header.lastLSN.rawValue
        durableLSN = segment.header.durableLSN.rawValue
        firstBoxNumber = segment.header.firstBoxNumber
        var reader = JournalSegmentReader(segment.header, tag: segment.tag, keys: keys)
        var boxes: [GoldenContent.Box] = []
        while case .box(let box) = reader.next(in: segment.bytes.span.bytes) {
            boxes.append(try GoldenContent.Box(box, reader.plaintext))
        }
        byteCount = reader.offset
        self.boxes = boxes
    }
}

extension GoldenContent.Box {
    init(_ box: JournalBox, _ entries: [UInt8]) throws {
        number = box.number
        durableLSN = box.durableLSN.rawValue
        clocks = GoldenContent.Clocks(box.clocks)
        var events: [GoldenContent.Event] = []
        try JournalEntries.forEach(in: entries.span.bytes, firstLSN: box.firstLSN, count: box.eventCount) {
            (bytes, lsn) throws(StorageFormatFault) in
            guard let event = JournalEvent(decoding: bytes) else { throw .contradiction("an unknown event") }
            events.append(GoldenContent.Event(event, lsn.rawValue))
        }
        self.events = events
    }
}

extension GoldenContent.Event {
    init(_ event: JournalEvent, _ lsn: UInt64) {
        switch event {
        case .clock:
            self.init(lsn, "clock")
        case .session(.opened(let opened)):
            self.init(lsn, "opened")
            record = GoldenContent.Record(opened)
        case .session(.changed(let id, let change)):
            self.init(change, lsn)
            session = id.text
        case .session(.cutOff(let aim, let facts)):
            self.init(lsn, "cut-off")
            target = GoldenContent.Target(aim)
            issuedAtMax = facts.issuedAtMax
            storeSeconds = facts.storeSeconds
        case .session(.forced(let aim, let seconds)):
            self.init(lsn, "forced, for a target")
            target = GoldenContent.Target(aim)
            storeSeconds = seconds
        case .session(.epochTaken(let taken)):
            self.init(lsn, "epoch taken")
            epoch = taken.rawValue
        }
    }

    private init(_ change: SessionChange, _ lsn: UInt64) {
        switch change {
        case .rotated(let rotation):
            self.init(lsn, "rotated")
            fill(rotation)
        case .touched(let lastUsed, let idleExpiry, let accessTokenExpiry):
            self.init(lsn, "touched")
            lastUsedSeconds = lastUsed
            idleExpirySeconds = idleExpiry
            accessTokenExpirySeconds = accessTokenExpiry
        case .graced(let uses, let accessTokenExpiry):
            self.init(lsn, "graced")
            graceUses = uses
            accessTokenExpirySeconds = accessTokenExpiry
        case .revoked(let reason, let accessTokenExpiry):
            self.init(lsn, "revoked")
            revoked = reason.text
            accessTokenExpirySeconds = accessTokenExpiry
        case .forced:
            self.init(lsn, "forced")
        }
    }

    private mutating func fill(_ rotation: SessionRotation) {
        epoch = rotation.current.epoch.rawValue
        generation = rotation.current.number
        previousEpoch = rotation.previousEpoch.rawValue
        rotatedAtMilliseconds = rotation.rotatedAtMilliseconds
        graceStreak = rotation.graceStreak
        lastUsedSeconds = rotation.lastUsedSeconds
        idleExpirySeconds = rotation.idleExpirySeconds
        accessTokenExpirySeconds = rotation.accessTokenExpirySeconds
        forcedLSN = rotation.forcedRotation.markLSN.rawValue
        forcedStage = rotation.forcedRotation.stage.text
        contextHash = rotation.contextHash?.text
    }
}

// MARK: Texts

extension [UInt8] {
    fileprivate var hexadecimal: String {
        map { byte in
            let digits = String(byte, radix: 16)
            return digits.count < 2 ? "0" + digits : digits
        }.joined()
    }
}

extension JournalLink {
    fileprivate var text: String { StorageID(high: high, low: low).description }
}

extension SessionID {
    fileprivate var text: String { StorageID(high: high, low: low).description }
}

extension ContextHash {
    fileprivate var text: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return bytes.hexadecimal
    }
}

extension ForcedRotation.Stage {
    fileprivate var text: String {
        switch self {
        case .done: "none"
        case .marked: "marked"
        case .begun: "begun"
        }
    }
}

extension RevocationReason {
    fileprivate var text: String {
        switch rawValue {
        case 1: "requested"
        case 2: "reuse"
        case 3: "client mismatch"
        default: "replaced"
        }
    }
}
