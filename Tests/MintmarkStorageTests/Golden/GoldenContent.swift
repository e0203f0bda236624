/// What the golden files hold, as `content.json` says it; the names are those that `Protocol/examples/read_store.py` gives.
struct GoldenContent: Codable, Equatable {
    struct Manifest: Codable, Equatable {
        let keyID: UInt8
        let storeID: String
        let snapshotID: String
        let snapshotTag: String
        let snapshotByteCount: UInt64
        let firstSegment: UInt64
        let lastLSN: UInt64
        let epoch: UInt64
        let previousSnapshotID: String
        let previousFirstSegment: UInt64
        let serviceMilliseconds: UInt64
        let storeSeconds: UInt64
    }

    struct Clocks: Codable, Equatable {
        let serviceMilliseconds: UInt64
        let storeSeconds: UInt64
        let issuedAtMax: UInt64
    }

    struct TokenKey: Codable, Equatable {
        let id: UInt8
        let firstEpoch: UInt64
        let isHonoured: Bool
        let fingerprint: String?
    }

    struct Target: Codable, Hashable {
        let kind: String
        let name: String?
    }

    struct Record: Codable, Equatable {
        let id: String
        let openLSN: UInt64
        let epoch: UInt64
        let generation: UInt32
        let previousEpoch: UInt64?
        let rotatedAtMilliseconds: UInt64
        let graceUses: UInt16
        let graceStreak: UInt16
        let createdSeconds: UInt64
        let lastUsedSeconds: UInt64
        let absoluteExpirySeconds: UInt64
        let idleExpirySeconds: UInt64
        let accessTokenExpirySeconds: UInt64
        let forcedLSN: UInt64
        let forcedStage: String
        let contextHash: String?
        let revoked: String?
        let isReleased: Bool
        let hasGraceAnswer: Bool
        let isTombstone: Bool
        let client: String
        let subject: String
        let audience: [String]
        let scope: String
        let claims: String
    }

    struct CutOff: Codable, Equatable {
        let target: Target
        let lsn: UInt64
        let issuedAtMax: UInt64
        let storeSeconds: UInt64
    }

    struct ForcedRotation: Codable, Equatable {
        let target: Target
        let lsn: UInt64
        let storeSeconds: UInt64
    }

    struct Snapshot: Codable, Equatable {
        let id: String
        let shardCount: Int
        let firstSegment: UInt64
        let tablesMark: UInt64
        let epoch: UInt64
        let clocks: Clocks
        let tokenKeys: [TokenKey]
        let marks: [UInt64]
        let sessions: [Record]
        let cutOffs: [CutOff]
        let forcedRotations: [ForcedRotation]
    }

    /// Has what its kind has.
    struct Event: Codable, Equatable {
        var lsn: UInt64
        var kind: String
        var record: Record?
        var session: String?
        var epoch: UInt64?
        var generation: UInt32?
        var previousEpoch: UInt64?
        var rotatedAtMilliseconds: UInt64?
        var graceUses: UInt16?
        var graceStreak: UInt16?
        var lastUsedSeconds: UInt64?
        var idleExpirySeconds: UInt64?
        var accessTokenExpirySeconds: UInt64?
        var forcedLSN: UInt64?
        var forcedStage: String?
        var contextHash: String?
        var revoked: String?
        var target: Target?
        var issuedAtMax: UInt64?
        var storeSeconds: UInt64?

        init(_ lsn: UInt64, _ kind: String) {
            self.lsn = lsn
            self.kind = kind
        }
    }

    struct Box: Codable, Equatable {
        let number: UInt64
        let durableLSN: UInt64
        let clocks: Clocks
        let events: [Event]
    }

    struct Segment: Codable, Equatable {
        let number: UInt64
        let origin: String
        let lastLSN: UInt64
        let durableLSN: UInt64
        let firstBoxNumber: UInt64
        /// Up to the last box.
        let byteCount: Int
        let boxes: [Box]
    }

    let manifest: Manifest
    let snapshot: Snapshot
    let segments: [Segment]
}
