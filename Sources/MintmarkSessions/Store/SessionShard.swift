/// A part of the sessions, by id: their slots, the index to them, what is not yet durable.
///
/// A value; the lock of its ``SessionShardBox`` guards it. A copy is cheap and stays as it is.
struct SessionShard: Sendable {
    private(set) var unsettled = UnsettledEvents()
    private(set) var revokedCount = 0
    private var arena = SlotArena()
    private var index = SlotIndex()
    private var sharedTerms = SharedTerms()

    /// What a session with usual texts takes.
    private static let byteCountUsual = 256

    /// Where events are encoded; kept for its capacity.
    private var eventBytes: [UInt8] = []

    var count: Int {
        index.count
    }

    /// The number of places a session can be at; ``load(at:)`` of an empty one gives nil.
    var placeCount: Int {
        index.capacity
    }

    /// The place of a session. Valid until the next insertion or removal.
    func find(_ id: SessionID) -> Int? {
        index.find(id, in: arena)
    }

    /// Asks the processor for the memory that tells where a session is.
    func prefetchPlace(of id: SessionID) {
        index.prefetchHome(of: id)
    }

    /// Asks for the session itself.
    func prefetch(_ id: SessionID) {
        if let reference = index.presumedReference(of: id) {
            arena.prefetch(reference, byteCount: Self.byteCountUsual)
        }
    }

    func load(at place: Int) -> PackedSession? {
        guard let reference = index.reference(at: place) else { return nil }
        return arena.withBytes(at: reference, PackedSession.init(from:))
    }

    /// A slot that a changed session will fit, found before its event is journaled so that nothing can fail after.
    struct Reservation {
        fileprivate let reference: SlotArena.Reference
        fileprivate let unitCount: Int
        fileprivate let isOther: Bool
    }

    /// Finds a slot for `session`, which is to replace `present` at `place`; nil when there is none. To be followed by
    /// ``store(_:at:replacing:in:)`` or ``cancel(_:)`` before anything else.
    mutating func reserve(for session: PackedSession, at place: Int, replacing present: PackedSession) -> Reservation? {
        let unitCount = session.unitCount
        if unitCount != present.unitCount {
            return arena.allocate(unitCount: unitCount).map { reference in
                Reservation(reference: reference, unitCount: unitCount, isOther: true)
            }
        }
        return index.reference(at: place).map { reference in
            Reservation(reference: reference, unitCount: unitCount, isOther: false)
        }
    }

    mutating func cancel(_ reservation: Reservation) {
        if reservation.isOther {
            arena.free(reservation.reference, unitCount: reservation.unitCount)
        }
    }

    /// Overwrites the session at `place`, which `present` was loaded from, with one of the size that was reserved for.
    mutating func store(
        _ session: PackedSession,
        at place: Int,
        replacing present: PackedSession,
        in reservation: Reservation
    ) {
        precondition(session.unitCount == reservation.unitCount, "a session of another size than was reserved for")
        if reservation.isOther, let old = index.reference(at: place) {
            copyTexts(of: session, from: old, to: reservation.reference)
            arena.free(old, unitCount: present.unitCount)
            index.replace(at: place, with: reservation.reference)
        }
        arena.withMutableBytes(at: reservation.reference) { session.store(to: $0) }
        if session.state.revocation != nil, present.state.revocation == nil {
            revokedCount += 1
        }
    }

    /// Overwrites a session by one of the same size.
    mutating func store(_ session: PackedSession, at place: Int, replacing present: PackedSession) {
        guard let reservation = reserve(for: session, at: place, replacing: present) else {
            preconditionFailure("a change that keeps a session's size found no slot")
        }
        store(session, at: place, replacing: present, in: reservation)
    }

    /// Makes room for about as many sessions.
    mutating func reserve(_ count: Int) {
        index.reserve(count, in: arena)
    }

    /// Adds a session that is not there yet. False when there is no room.
    mutating func insert(_ record: SessionRecord) -> Bool {
        let terms = record.terms
        let entry = SharedTerms.Entry(client: terms.client, audience: terms.audience, scope: terms.scope)
        let session = PackedSession(
            state: record.state,
            terms: sharedTerms.use(entry),
            subjectByteCount: terms.subject.count,
            claimsByteCount: terms.claims.count
        )
        guard let reference = arena.allocate(unitCount: session.unitCount) else {
            sharedTerms.release(session.terms)
            return false
        }
        arena.withMutableBytes(at: reference) { bytes in
            session.store(to: bytes)
            UnsafeMutableRawBufferPointer(rebasing: bytes[session.subject]).copyBytes(from: terms.subject)
            UnsafeMutableRawBufferPointer(rebasing: bytes[session.claims]).copyBytes(from: terms.claims)
        }
        index.insert(record.state.id, reference, in: arena)
        if record.state.revocation != nil {
            revokedCount += 1
        }
        return true
    }

    /// Forgets the session at `place`, which `session` was loaded from.
    mutating func remove(_ session: PackedSession, at place: Int) {
        guard let reference = index.reference(at: place) else { return }
        index.remove(at: place, in: arena)
        arena.free(reference, unitCount: session.unitCount)
        sharedTerms.release(session.terms)
        if session.state.revocation != nil {
            revokedCount -= 1
        }
        if index.count == 0 {
            arena.removeAll()
            index.removeAll()
        }
    }

    /// Lends what the session shares with others: client, audience, scope.
    func withSharedTerms<Result>(of session: PackedSession, _ body: (borrowing SharedTerms.Entry) -> Result) -> Result {
        sharedTerms.withEntry(session.terms, body)
    }

    /// Lends subject and claims of the session at `place`.
    func withTexts<Result>(
        of session: PackedSession,
        at place: Int,
        _ body: (_ subject: UnsafeRawBufferPointer, _ claims: UnsafeRawBufferPointer) -> Result
    ) -> Result {
        guard let reference = index.reference(at: place) else {
            preconditionFailure("no session at place \(place)")
        }
        return arena.withBytes(at: reference) { bytes in
            body(.init(rebasing: bytes[session.subject]), .init(rebasing: bytes[session.claims]))
        }
    }

    /// The whole record of the session at `place`.
    func record(of session: PackedSession, at place: Int) -> SessionRecord {
        withSharedTerms(of: session) { shared in
            withTexts(of: session, at: place) { subject, claims in
                let terms = SessionTerms(
                    client: shared.client,
                    subject: Array(subject),
                    audience: shared.audience,
                    scope: shared.scope,
                    claims: Array(claims)
                )
                return SessionRecord(state: session.state, terms: terms)
            }
        }
    }

    private mutating func copyTexts(
        of session: PackedSession,
        from old: SlotArena.Reference,
        to new: SlotArena.Reference
    ) {
        let range = session.subject.lowerBound..<session.claims.upperBound
        let texts = arena.withBytes(at: old) { Array($0[range]) }
        arena.withMutableBytes(at: new) { bytes in
            UnsafeMutableRawBufferPointer(rebasing: bytes[range]).copyBytes(from: texts)
        }
    }
}

// MARK: Events

extension SessionShard {
    /// Encodes and appends an event; its number, or nil when the journal cannot be written to.
    mutating func append(_ event: SessionEvent, to journal: any SessionJournal) -> LogSequenceNumber? {
        eventBytes.removeAll(keepingCapacity: true)
        event.encode(appendingTo: &eventBytes)
        return journal.append(eventBytes.span.bytes, isAlwaysSynced: event.isAlwaysSynced)
    }

    /// Notes an event that answers about the session have to wait for.
    mutating func noteUnsettled(
        _ id: SessionID,
        _ lsn: LogSequenceNumber,
        rotation: UnsettledEvents.Rotation? = nil
    ) {
        unsettled.append(UnsettledEvents.Entry(id: id, lsn: lsn, rotation: rotation))
    }

    /// Takes note that everything up to `durable` is durable: the windows of the rotations among it start now.
    mutating func settle(upTo durable: LogSequenceNumber, atMilliseconds milliseconds: UInt64) {
        prefetchRotated(upTo: durable)
        while let entry = unsettled.popFirst(upTo: durable) {
            guard let rotation = entry.rotation else {
                continue
            }
            // Nearly always the session is where it was.
            if !release(entry.id, rotation, at: rotation.place, atMilliseconds: milliseconds),
                let place = find(entry.id), place != rotation.place
            {
                _ = release(entry.id, rotation, at: place, atMilliseconds: milliseconds)
            }
        }
    }

    /// Asks the processor for the sessions whose rotations are durable: nobody has looked at them since the disk began to sync.
    private func prefetchRotated(upTo durable: LogSequenceNumber) {
        unsettled.forEachRotation(upTo: durable) { index.prefetch(place: $0.place) }
        unsettled.forEachRotation(upTo: durable) { rotation in
            if let reference = presumedReference(at: rotation.place) {
                arena.prefetch(reference, byteCount: PackedSession.releasedByteCount)
            }
        }
    }

    /// Starts the window of a rotation; false if its session is not at `place`, or was rotated again.
    private mutating func release(
        _ id: SessionID,
        _ rotation: UnsettledEvents.Rotation,
        at place: Int,
        atMilliseconds milliseconds: UInt64
    ) -> Bool {
        guard let reference = presumedReference(at: place) else { return false }
        return arena.withMutableBytes(at: reference) { slot in
            PackedSession.release(id, rotatedTo: rotation.current, atMilliseconds: milliseconds, in: slot)
        }
    }

    /// The slot at a place where a session was once; nil if there is none now.
    private func presumedReference(at place: Int) -> SlotArena.Reference? {
        place < placeCount ? index.reference(at: place) : nil
    }
}
