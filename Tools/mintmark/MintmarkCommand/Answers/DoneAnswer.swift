/// Something was done; there is nothing to show of it.
enum DoneAnswer: CommandAnswer {
    case revoked
    case rotationForced
    case snapshotWritten
    case keyActivated

    var json: String {
        var object = JSONObject()
        switch self {
        case .revoked: object.add("revoked", true)
        case .rotationForced: object.add("rotation_forced", true)
        case .snapshotWritten: object.add("snapshot_written", true)
        case .keyActivated: object.add("key_activated", true)
        }
        return object.text
    }

    func text(at now: UInt64) -> String {
        switch self {
        case .revoked: "Revoked, as far as there was anything to revoke."
        case .rotationForced: "The next refresh rotates."
        case .snapshotWritten: "The snapshot is on disk."
        case .keyActivated: "The key signs."
        }
    }
}
