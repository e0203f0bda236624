/// The encoding of events. Numbers are big-endian; times, LSNs and flags are as in a record.
///
/// | kind | event | content after the kind's byte |
/// |---|---|---|
/// | 1 | opened | the record |
/// | 2 | rotated | id 16 · epoch 8 · generation 4 · rotated at 6 · grace streak 2 · last used 5 · idle expiry 5 · greatest `exp` 5 · parts 1, and as these say: previous epoch 8 · forced-rotation mark 6 · context hash 16 |
/// | 3 | touched | id 16 · last used 5 · idle expiry 5 · greatest `exp` 5 |
/// | 4 | graced | id 16 · grace uses 2 · greatest `exp` 5 |
/// | 5 | revoked | id 16 · reason 1 · greatest `exp` 5 |
/// | 6 | forced | id 16 |
/// | 7 | cut-off | target · T 5 · store time 5 |
/// | 8 | forced, for a target | target · store time 5 |
/// | 9 | epoch taken | epoch 8 |
///
/// Parts of a rotation: bit 0, the previous epoch is another than the new one and follows; bits 1–2, the forced
/// rotation (0 none pending, 1 marked, 2 begun); bit 3, its mark follows; bit 4, a context hash follows.
/// A target is a kind (1 subject, 2 client, 3 all), for the first two a u16 length and the bytes.
extension SessionEvent {
    private enum Kind: UInt8 {
        case opened = 1
        case rotated
        case touched
        case graced
        case revoked
        case forcedSession
        case cutOff
        case forced
        case epochTaken
    }

    /// The first byte of an encoded rotation.
    static var rotatedKind: UInt8 { Kind.rotated.rawValue }

    /// The first byte of an encoded cut-off.
    static var cutOffKind: UInt8 { Kind.cutOff.rawValue }

    /// The first byte of an encoded epoch.
    static var epochTakenKind: UInt8 { Kind.epochTaken.rawValue }

    /// Appends the encoding.
    package func encode(appendingTo bytes: inout [UInt8]) {
        switch self {
        case .opened(let record):
            bytes.append(Kind.opened.rawValue)
            record.encode(appendingTo: &bytes)
        case .changed(let id, let change):
            Self.encode(change, of: id, appendingTo: &bytes)
        case .cutOff(let target, let facts):
            bytes.append(Kind.cutOff.rawValue)
            target.encode(appendingTo: &bytes)
            bytes.append(facts.issuedAtMax, byteCount: 5)
            bytes.append(facts.storeSeconds, byteCount: 5)
        case .forced(let target, let storeSeconds):
            bytes.append(Kind.forced.rawValue)
            target.encode(appendingTo: &bytes)
            bytes.append(storeSeconds, byteCount: 5)
        case .epochTaken(let epoch):
            bytes.append(Kind.epochTaken.rawValue)
            bytes.append(epoch.rawValue, byteCount: 8)
        }
    }

    /// Nil unless `bytes` are exactly one encoding of an event.
    package init?(decoding bytes: RawSpan) {
        var reader = ByteReader(bytes)
        guard let kind = Kind(rawValue: reader.readUInt8(from: bytes)) else { return nil }
        let event: SessionEvent?
        switch kind {
        case .opened:
            let record = reader.readRange(byteCount: bytes.byteCount - 1)
            event = SessionRecord(decoding: bytes.extracting(record)).flatMap { record in
                record.state.openLSN == .zero && !record.state.isTombstone ? .opened(record) : nil
            }
        case .rotated, .touched, .graced, .revoked, .forcedSession:
            event = Self.decodeChange(kind, &reader, bytes)
        case .cutOff:
            event = SessionTarget(from: &reader, bytes).map { target in
                let issuedAtMax = reader.read(byteCount: 5, from: bytes)
                let storeSeconds = reader.read(byteCount: 5, from: bytes)
                return .cutOff(target, CutOff.Facts(issuedAtMax: issuedAtMax, storeSeconds: storeSeconds))
            }
        case .forced:
            event = SessionTarget(from: &reader, bytes).map { target in
                .forced(target, storeSeconds: reader.read(byteCount: 5, from: bytes))
            }
        case .epochTaken:
            event = .epochTaken(StoreEpoch(rawValue: reader.read(byteCount: 8, from: bytes)))
        }
        guard reader.isConsumed, let event else { return nil }
        self = event
    }

    private static func encode(_ change: SessionChange, of id: SessionID, appendingTo bytes: inout [UInt8]) {
        switch change {
        case .rotated(let rotation):
            bytes.append(addingCapacity: 1 + SessionID.byteCount + SessionRotation.encodedByteCountMax) { output in
                output.append(Kind.rotated.rawValue)
                id.append(to: &output)
                rotation.encode(appendingTo: &output)
            }
        case .touched(let lastUsed, let idleExpiry, let accessTokenExpiry):
            bytes.append(Kind.touched.rawValue)
            id.append(to: &bytes)
            bytes.append(lastUsed, byteCount: 5)
            bytes.append(idleExpiry, byteCount: 5)
            bytes.append(accessTokenExpiry, byteCount: 5)
        case .graced(let uses, let accessTokenExpiry):
            bytes.append(Kind.graced.rawValue)
            id.append(to: &bytes)
            bytes.append(UInt64(uses), byteCount: 2)
            bytes.append(accessTokenExpiry, byteCount: 5)
        case .revoked(let reason, let accessTokenExpiry):
            bytes.append(Kind.revoked.rawValue)
            id.append(to: &bytes)
            bytes.append(reason.rawValue)
            bytes.append(accessTokenExpiry, byteCount: 5)
        case .forced:
            bytes.append(Kind.forcedSession.rawValue)
            id.append(to: &bytes)
        }
    }

    private static func decodeChange(_ kind: Kind, _ reader: inout ByteReader, _ bytes: RawSpan) -> SessionEvent? {
        let id = SessionID(
            high: reader.read(byteCount: 8, from: bytes),
            low: reader.read(byteCount: 8, from: bytes)
        )
        switch kind {
        case .rotated:
            return SessionRotation(from: &reader, bytes).map { .changed(id, .rotated($0)) }
        case .touched:
            let change = SessionChange.touched(
                lastUsedSeconds: reader.read(byteCount: 5, from: bytes),
                idleExpirySeconds: reader.read(byteCount: 5, from: bytes),
                accessTokenExpirySeconds: reader.read(byteCount: 5, from: bytes)
            )
            return .changed(id, change)
        case .graced:
            let change = SessionChange.graced(
                uses: reader.readUInt16(from: bytes),
                accessTokenExpirySeconds: reader.read(byteCount: 5, from: bytes)
            )
            return .changed(id, change)
        case .revoked:
            guard let reason = RevocationReason(rawValue: reader.readUInt8(from: bytes)) else { return nil }
            let expiry = reader.read(byteCount: 5, from: bytes)
            return .changed(id, .revoked(reason, accessTokenExpirySeconds: expiry))
        case .forcedSession:
            return .changed(id, .forced)
        case .opened, .cutOff, .forced, .epochTaken:
            preconditionFailure("no change of a session: \(kind)")
        }
    }
}
