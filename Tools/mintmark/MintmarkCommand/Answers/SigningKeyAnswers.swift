import MintmarkClient
import MintmarkProgram
import MintmarkWire

/// A JWK Set as it is, for people too.
struct KeySetAnswer: CommandAnswer {
    var keySet: [UInt8]

    var json: String { JSONText(keySet).singleLine }

    func text(at now: UInt64) -> String { JSONText(keySet).singleLine.printable }
}

/// The signing keys.
struct SigningKeysAnswer: CommandAnswer {
    var keys: [SigningKey]

    var json: String {
        var object = JSONObject()
        object.add("keys", json: "[\(keys.map(Self.json).joined(separator: ","))]")
        return object.text
    }

    /// What is known of each key in lines, with an empty line between keys.
    func text(at now: UInt64) -> String {
        keys.map { key in
            var lines = AlignedLines()
            lines.add("key id", key.keyID)
            lines.add("state", key.state.word)
            lines.add("prepared", Self.instant(key.preparedAt, now))
            lines.add("usable", key.state == .prepared ? Self.instant(key.usableAt, now) : nil)
            lines.add("activated", Self.instant(key.activatedAt, now))
            lines.add("retired", Self.instant(key.retiredAt, now))
            lines.add("revoked", Self.instant(key.endedAt, now))
            return lines.text
        }
        .joined(separator: "\n\n")
    }

    private static func instant(_ seconds: UInt64, _ now: UInt64) -> String? {
        seconds == 0 ? nil : TimeText.instant(seconds, from: now)
    }

    private static func json(_ key: SigningKey) -> String {
        func instant(_ seconds: UInt64) -> UInt64? { seconds == 0 ? nil : seconds }
        var object = JSONObject()
        object.add("key_id", key.keyID)
        object.add("state", key.state.word)
        object.add("prepared_at", instant(key.preparedAt))
        object.add("usable_at", instant(key.usableAt))
        object.add("activated_at", instant(key.activatedAt))
        object.add("retired_at", instant(key.retiredAt))
        object.add("revoked_at", instant(key.endedAt))
        return object.text
    }
}

/// Public keys as PEM.
struct PublicKeysAnswer: CommandAnswer {
    var keys: [SigningKey]

    var json: String {
        let items = keys.map { key in
            var object = JSONObject()
            object.add("key_id", key.keyID)
            object.add("pem", key.publicKeyPEM)
            return object.text
        }
        var object = JSONObject()
        object.add("keys", json: "[\(items.joined(separator: ","))]")
        return object.text
    }

    func text(at now: UInt64) -> String { keys.map(\.publicKeyPEM).joined(separator: "\n") }
}

/// A key that was prepared.
struct PreparedKeyAnswer: CommandAnswer {
    var key: PreparedKey

    var json: String {
        var object = JSONObject()
        object.add("key_id", key.keyID)
        object.add("usable_at", key.usableAt)
        return object.text
    }

    func text(at now: UInt64) -> String {
        var lines = AlignedLines()
        lines.add("key id", key.keyID)
        lines.add("usable", TimeText.instant(key.usableAt, from: now))
        return lines.text
    }
}

/// A key was revoked.
struct RevokedKeyAnswer: CommandAnswer {
    /// The key that signs now.
    var signingKeyID: String

    var json: String {
        var object = JSONObject()
        object.add("key_revoked", true)
        object.add("signing_key_id", signingKeyID)
        return object.text
    }

    func text(at now: UInt64) -> String { "Its tokens are refused. Signing now: \(signingKeyID.printable)" }
}

extension SigningKey.State {
    fileprivate var word: String {
        switch self {
        case .prepared: "prepared"
        case .active: "active"
        case .retired: "retired"
        case .revoked: "revoked"
        }
    }
}
