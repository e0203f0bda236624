import MintmarkCrypto
import MintmarkEngine

/// A public key, and how it was spelled. Immutable.
struct PublicKeyText: Hashable, Sendable {
    let key: Ed25519PublicKey

    /// Base64url of its 32 bytes, without padding.
    var text: String {
        var text: [UInt8] = []
        key.withBytes { Base64URL.encode($0, appendingTo: &text) }
        return String(decoding: text, as: UTF8.self)
    }

    init(_ key: Ed25519PublicKey) {
        self.key = key
    }
}

extension SettingType where Value == PublicKeyText {
    static var publicKey: Self {
        Self(
            name: "public key",
            range: "base64url of 32 bytes",
            expectation: "an Ed25519 public key, 43 characters of base64url",
            isText: true,
            parse: { text throws(SettingMismatch) in
                var bytes: [UInt8] = []
                guard Base64URL.decode(Array(text.utf8).span.bytes, appendingTo: &bytes), bytes.count == 32 else {
                    guard text.utf8.count != 43 else {
                        throw .refused("is no base64url of 32 bytes: is a letter of it mistyped?")
                    }
                    throw .unexpected
                }
                guard let key = Ed25519PublicKey(bytes.span.bytes) else {
                    throw .refused("is no key that Ed25519 could have made: is a letter of it mistyped?")
                }
                return PublicKeyText(key)
            },
            render: \.text
        )
    }
}

extension SettingType where Value == UInt32 {
    /// A user's number.
    static var userID: Self {
        Self(
            name: "user id",
            range: "0 to 4294967294 without 65534",
            expectation: "a user's number from 0 to 4294967294",
            acceptsQuotes: false,
            parse: { text throws(SettingMismatch) in
                guard let number = Int(decimalDigits: text), let value = UInt32(exactly: number), value != .max else {
                    throw .unexpected
                }
                guard value != CallerDirectory.overflowUserID else {
                    throw .refused("is the number that the kernel shows for every user it has none for")
                }
                return value
            },
            render: { String($0) }
        )
    }
}

extension SettingType where Value == CertificateName {
    static var certificateName: Self {
        Self(
            name: "certificate name",
            range: "URI:… or DNS:…",
            expectation: "a name such as URI:spiffe://mesh/web or DNS:web.example",
            isText: true,
            parse: { text throws(SettingMismatch) in
                guard text.utf8.count <= 1_024, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
                    let name = CertificateName(text)
                else {
                    throw .unexpected
                }
                return name
            },
            render: \.description
        )
    }
}

extension SettingType where Value == String {
    /// One scope-token (RFC 6749 section 3.3).
    static var scopeToken: Self {
        Self(
            name: "scope-token",
            range: "1 to 256 characters without spaces, quotes and backslashes",
            expectation: "a scope-token of 1 to 256 characters, without spaces, quotes and backslashes",
            isText: true,
            parse: { text throws(SettingMismatch) in
                let isToken = text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
                guard isToken, (1...256).contains(text.utf8.count) else {
                    throw .unexpected
                }
                return text
            },
            render: { $0 }
        )
    }
}

extension SettingType where Value == Bool {
    static var flag: Self {
        Self(
            name: "flag",
            range: "true, false",
            expectation: "true or false",
            acceptsQuotes: false,
            parse: { text throws(SettingMismatch) in
                switch text {
                case "true": return true
                case "false": return false
                default: throw .unexpected
                }
            },
            render: { String($0) }
        )
    }
}

extension SettingType where Value == Rate {
    private static var units: [(name: String, milliseconds: UInt64)] {
        [("s", 1_000), ("m", 60_000), ("h", 3_600_000)]
    }

    /// `N/s`, `N/m` or `N/h`, and with ` burst M` how many at once; else as many as come in one period.
    ///
    /// Rates go by a clock that is read once a millisecond: what may happen at once must last for that long.
    static var rate: Self {
        Self(
            name: "rate",
            range:
                "1 to \(Rate.countMax) per s, m or h, with burst 1 to \(Rate.countMax), a millisecond's worth at least",
            unit: "requests per s, m, h",
            expectation: "a rate such as 100/s, 30/m or 100/s burst 500",
            parse: { text throws(SettingMismatch) in
                let words = text.split(separator: " ", omittingEmptySubsequences: false)
                let parts = words[0].split(separator: "/", omittingEmptySubsequences: false)
                guard parts.count == 2, let count = number(parts[0]),
                    let unit = units.first(where: { $0.name == parts[1] })
                else {
                    throw .unexpected
                }
                var burst = count
                if words.count > 1 {
                    guard words.count == 3, words[1] == "burst", let number = number(words[2]) else {
                        throw .unexpected
                    }
                    burst = number
                }
                let burstMin = (count + Int(unit.milliseconds) - 1) / Int(unit.milliseconds)
                guard burst >= burstMin else {
                    throw .refused("needs a burst of at least \(burstMin): what comes in a millisecond at this rate")
                }
                return Rate(count: count, periodMilliseconds: unit.milliseconds, burst: burst)
            },
            render: { rate in
                let unit = units.first { $0.milliseconds == rate.periodMilliseconds }?.name ?? "?"
                let burst = rate.burst == rate.count ? "" : " burst \(rate.burst)"
                return "\(rate.count)/\(unit)\(burst)"
            }
        )
    }

    private static func number(_ text: Substring) -> Int? {
        Int(decimalDigits: text).flatMap { (1...Rate.countMax).contains($0) ? $0 : nil }
    }
}
