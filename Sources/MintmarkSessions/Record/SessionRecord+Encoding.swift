/// The one canonical encoding of a session record, format version 1: shared by journal, snapshot and any other engine.
/// Numbers are big-endian, times are seconds of store time unless said otherwise.
///
/// | offset | size | content |
/// |---|---|---|
/// | 0 | 1 | format version: 1 |
/// | 1 | 2 | flags, below |
/// | 3 | 16 | session id |
/// | 19 | 6 | LSN of its OPEN; zero in the event that opens it, whose own LSN it is |
/// | 25 | 8 | epoch of the current token |
/// | 33 | 4 | generation of the current token |
/// | 37 | 8 | epoch of the previous token; zero in generation 0 |
/// | 45 | 6 | when the current generation began, milliseconds of the service clock |
/// | 51 | 2 | grace answers counted in this generation |
/// | 53 | 2 | generations in a row before it with a counted grace answer |
/// | 55 | 5 | created |
/// | 60 | 5 | last used |
/// | 65 | 5 | absolute expiry |
/// | 70 | 5 | idle expiry |
/// | 75 | 5 | greatest `exp` of its access tokens, seconds of the wall clock |
/// | 80 | 6 | LSN of the newest forced rotation met; zero: none |
/// | 86 | 16 | context hash; zero when the flag says absent |
/// | 102 | 1 | length of the client id, 1 to 64 |
/// | 103 | 2 | length of the subject, 1 to 256 |
/// | 105 | 2 | length of the audience list, whose items are u16 length and bytes |
/// | 107 | 2 | length of the scope, 0 to 1024 |
/// | 109 | 2 | length of the claims, 0 to 4096 |
/// | 111 | | client id, subject, audience, scope, claims |
///
/// | flag bits | content |
/// |---|---|
/// | 0–2 | revoked: 0 no, else the reason (``RevocationReason``) |
/// | 3 | the answer of the rotation was released |
/// | 4 | the current generation was given as a grace answer |
/// | 5–6 | forced rotation: 0 none pending, 1 marked, 2 the current generation was begun under the mark |
/// | 7 | there is a context hash |
/// | 8 | tombstone: everything but id, reason and greatest `exp` is empty |
/// | 9–15 | zero |
enum SessionRecordFormat {
    static let version: UInt8 = 1
    static let fixedByteCount = 111
    static let byteCountMax =
        fixedByteCount + SessionTerms.clientByteCountMax + SessionTerms.subjectByteCountMax
        + SessionTerms.audienceCountMax * (2 + SessionTerms.audienceByteCountMax) + SessionTerms.scopeByteCountMax
        + SessionTerms.claimsByteCountMax
}

/// A record decoded in place: the numbers, and where in the bytes the texts are.
struct SessionRecordFields {
    var state: SessionState
    let client: Range<Int>
    let subject: Range<Int>
    let audience: Range<Int>
    let scope: Range<Int>
    let claims: Range<Int>
}

extension SessionRecord {
    /// Appends the canonical encoding.
    package func encode(appendingTo bytes: inout [UInt8]) {
        state.encode(appendingTo: &bytes)
        bytes.append(UInt64(terms.client.count), byteCount: 1)
        for text in [terms.subject, terms.audience, terms.scope, terms.claims] {
            bytes.append(UInt64(text.count), byteCount: 2)
        }
        for text in [terms.client, terms.subject, terms.audience, terms.scope, terms.claims] {
            bytes.append(contentsOf: text)
        }
    }

    /// Nil unless `bytes` are exactly one canonical encoding of a record that can be.
    package init?(decoding bytes: RawSpan) {
        guard let fields = SessionRecordFields(decoding: bytes) else { return nil }
        self.init(fields, in: bytes)
    }

    /// Copies what was decoded in place.
    init(_ fields: SessionRecordFields, in bytes: RawSpan) {
        state = fields.state
        terms = SessionTerms(
            client: [UInt8](bytes.extracting(fields.client)),
            subject: [UInt8](bytes.extracting(fields.subject)),
            audience: [UInt8](bytes.extracting(fields.audience)),
            scope: [UInt8](bytes.extracting(fields.scope)),
            claims: [UInt8](bytes.extracting(fields.claims))
        )
    }
}

extension SessionRecordFields {
    init?(decoding bytes: RawSpan) {
        var reader = ByteReader(bytes)
        guard let state = SessionState(from: &reader, bytes) else { return nil }
        let clientByteCount = Int(reader.readUInt8(from: bytes))
        let subjectByteCount = Int(reader.readUInt16(from: bytes))
        let audienceByteCount = Int(reader.readUInt16(from: bytes))
        let scopeByteCount = Int(reader.readUInt16(from: bytes))
        let claimsByteCount = Int(reader.readUInt16(from: bytes))
        self.state = state
        client = reader.readRange(byteCount: clientByteCount)
        subject = reader.readRange(byteCount: subjectByteCount)
        audience = reader.readRange(byteCount: audienceByteCount)
        scope = reader.readRange(byteCount: scopeByteCount)
        claims = reader.readRange(byteCount: claimsByteCount)
        guard reader.isConsumed else { return nil }
        let isSound = state.isTombstone ? isTombstone(bytes) : state.isConsistent && hasSoundTerms(bytes)
        guard isSound else { return nil }
    }

    private func isTombstone(_ bytes: RawSpan) -> Bool {
        guard let reason = state.revocation else { return false }
        let tombstone = SessionRecord.tombstone(
            state.id,
            reason: reason,
            accessTokenExpirySeconds: state.accessTokenExpirySeconds
        )
        return state == tombstone.state && bytes.byteCount == SessionRecordFormat.fixedByteCount
    }

    private func hasSoundTerms(_ bytes: RawSpan) -> Bool {
        (1...SessionTerms.clientByteCountMax).contains(client.count)
            && (1...SessionTerms.subjectByteCountMax).contains(subject.count)
            && SessionAudience.isValid(bytes.extracting(audience))
            && scope.count <= SessionTerms.scopeByteCountMax
            && claims.count <= SessionTerms.claimsByteCountMax
    }
}

extension SessionState {
    /// Whether the properties agree with one another, in a record that is no tombstone.
    var isConsistent: Bool {
        let isChained = previous.map { $0 < current } ?? (current.number == 0)
        let isFirst = previousEpoch == nil
        let isUntouched = isRotationReleased && !hasGraceAnswer && graceStreak == 0
        return isChained && (!isFirst || isUntouched) && (hasGraceAnswer || graceUses == 0)
            && createdSeconds <= idleExpirySeconds && idleExpirySeconds <= absoluteExpirySeconds
            && absoluteExpirySeconds - createdSeconds <= UInt64(UInt32.max)
            && (forcedRotation.stage == .done || forcedRotation.markLSN > .zero)
    }

    fileprivate func encode(appendingTo bytes: inout [UInt8]) {
        bytes.append(SessionRecordFormat.version)
        bytes.append(UInt64(SessionFlags(self).rawValue), byteCount: 2)
        id.append(to: &bytes)
        bytes.append(openLSN.rawValue, byteCount: LogSequenceNumber.encodedByteCount)
        bytes.append(current.epoch.rawValue, byteCount: 8)
        bytes.append(UInt64(current.number), byteCount: 4)
        bytes.append(previousEpoch?.rawValue ?? 0, byteCount: 8)
        bytes.append(rotatedAtMilliseconds, byteCount: 6)
        bytes.append(UInt64(graceUses), byteCount: 2)
        bytes.append(UInt64(graceStreak), byteCount: 2)
        bytes.append(createdSeconds, byteCount: 5)
        bytes.append(lastUsedSeconds, byteCount: 5)
        bytes.append(absoluteExpirySeconds, byteCount: 5)
        bytes.append(idleExpirySeconds, byteCount: 5)
        bytes.append(accessTokenExpirySeconds, byteCount: 5)
        bytes.append(forcedRotation.markLSN.rawValue, byteCount: LogSequenceNumber.encodedByteCount)
        (contextHash ?? .zero).append(to: &bytes)
    }

    fileprivate init?(from reader: inout ByteReader, _ bytes: RawSpan) {
        guard reader.readUInt8(from: bytes) == SessionRecordFormat.version else { return nil }
        guard let flags = SessionFlags(rawValue: reader.readUInt16(from: bytes)) else { return nil }
        id = SessionID(
            high: reader.read(byteCount: 8, from: bytes),
            low: reader.read(byteCount: 8, from: bytes)
        )
        openLSN = LogSequenceNumber(reader.read(byteCount: LogSequenceNumber.encodedByteCount, from: bytes))
        current = TokenGeneration(
            epoch: StoreEpoch(rawValue: reader.read(byteCount: 8, from: bytes)),
            number: reader.readUInt32(from: bytes)
        )
        let previousEpoch = StoreEpoch(rawValue: reader.read(byteCount: 8, from: bytes))
        self.previousEpoch = current.number > 0 ? previousEpoch : nil
        rotatedAtMilliseconds = reader.read(byteCount: 6, from: bytes)
        isRotationReleased = flags.isRotationReleased
        graceUses = reader.readUInt16(from: bytes)
        graceStreak = reader.readUInt16(from: bytes)
        hasGraceAnswer = flags.hasGraceAnswer
        createdSeconds = reader.read(byteCount: 5, from: bytes)
        lastUsedSeconds = reader.read(byteCount: 5, from: bytes)
        absoluteExpirySeconds = reader.read(byteCount: 5, from: bytes)
        idleExpirySeconds = reader.read(byteCount: 5, from: bytes)
        accessTokenExpirySeconds = reader.read(byteCount: 5, from: bytes)
        let markLSN = LogSequenceNumber(reader.read(byteCount: LogSequenceNumber.encodedByteCount, from: bytes))
        forcedRotation = ForcedRotation(markLSN: markLSN, stage: flags.forcedStage)
        let hash = ContextHash(
            high: reader.read(byteCount: 8, from: bytes),
            low: reader.read(byteCount: 8, from: bytes)
        )
        contextHash = flags.hasContext ? hash : nil
        revocation = flags.revocation
        isTombstone = flags.isTombstone
        guard current.number > 0 || previousEpoch.rawValue == 0, flags.hasContext || hash == .zero else { return nil }
    }
}

extension ContextHash {
    fileprivate static let zero = ContextHash(high: 0, low: 0)
}
