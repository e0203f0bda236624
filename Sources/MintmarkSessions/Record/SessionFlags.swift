/// The flag bits of a session's encodings; their table is at ``SessionRecordFormat``.
struct SessionFlags: Equatable {
    let revocation: RevocationReason?
    let isRotationReleased: Bool
    let hasGraceAnswer: Bool
    let forcedStage: ForcedRotation.Stage
    let hasContext: Bool
    let isTombstone: Bool

    init(_ state: SessionState) {
        revocation = state.revocation
        isRotationReleased = state.isRotationReleased
        hasGraceAnswer = state.hasGraceAnswer
        forcedStage = state.forcedRotation.stage
        hasContext = state.contextHash != nil
        isTombstone = state.isTombstone
    }

    static let rotationReleasedBit: UInt16 = 1 << 3

    /// Nil for bits that mean nothing.
    init?(rawValue: UInt16) {
        guard rawValue >> 9 == 0 else { return nil }
        let reason = UInt8(truncatingIfNeeded: rawValue & 7)
        revocation = RevocationReason(rawValue: reason)
        guard revocation != nil || reason == 0 else { return nil }
        isRotationReleased = rawValue & Self.rotationReleasedBit != 0
        hasGraceAnswer = rawValue & 1 << 4 != 0
        switch rawValue >> 5 & 3 {
        case 0: forcedStage = .done
        case 1: forcedStage = .marked
        case 2: forcedStage = .begun
        default: return nil
        }
        hasContext = rawValue & 1 << 7 != 0
        isTombstone = rawValue & 1 << 8 != 0
    }

    var rawValue: UInt16 {
        let stage: UInt16 =
            switch forcedStage {
            case .done: 0
            case .marked: 1
            case .begun: 2
            }
        return UInt16(revocation?.rawValue ?? 0) | (isRotationReleased ? Self.rotationReleasedBit : 0)
            | (hasGraceAnswer ? 1 << 4 : 0)
            | stage << 5 | (hasContext ? 1 << 7 : 0) | (isTombstone ? 1 << 8 : 0)
    }
}
