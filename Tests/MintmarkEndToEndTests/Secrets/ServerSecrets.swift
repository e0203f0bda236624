import CSodium
import Foundation
import Testing

/// The keys of a daemon's data directory, and what is made of them, as bytes to look for.
struct ServerSecrets {
    struct Secret {
        var name: String
        var bytes: [UInt8]
    }

    let secrets: [Secret]

    init(dataDirectory: String) throws {
        let names = try FileManager.default.subpathsOfDirectory(atPath: dataDirectory)
        let master = try Self.read("\(dataDirectory)/master.key")
        try #require(master.count == 32)
        var secrets = [Secret(name: "the master key", bytes: master)]
        secrets.append(Secret(name: "the key of refresh tokens", bytes: Self.derived(from: master, "mmrtmac_", id: 1)))
        // Those of `Protocol/journal.md`, `snapshot.md` and `keys.md`.
        for context in ["mmjrnhdr", "mmjrnseg", "mmsnphdr", "mmsnapsh", "mmmanife", "mmtokkey", "mmkeyset"] {
            secrets.append(Secret(name: "the key \(context)", bytes: Self.derived(from: master, context, id: 1)))
        }
        for name in names where name.hasSuffix(".pem") {
            let text = try Self.read("\(dataDirectory)/\(name)")
            let lines = String(decoding: text, as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("-") }
            let der = try #require(Data(base64Encoded: lines.joined()))
            let seed = Array(der.suffix(32))
            var hash = [UInt8](repeating: 0, count: 64)
            crypto_hash_sha512(&hash, seed, 32)
            // RFC 8032, section 5.1.5.
            var scalar = Array(hash[..<32])
            scalar[0] &= 0xF8
            scalar[31] = scalar[31] & 0x7F | 0x40
            secrets += [
                Secret(name: "the scalar of \(name)", bytes: scalar),
                Secret(name: "the seed in \(name)", bytes: seed),
                Secret(name: "the text of \(name)", bytes: Array(lines[0].utf8)),
                Secret(name: "the nonce prefix of \(name)", bytes: Array(hash[32...])),
            ]
        }
        try #require(secrets.contains { $0.name.hasPrefix("the seed") }, "no signing key was found")
        self.secrets = secrets
    }

    private static func read(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    private static func derived(from master: [UInt8], _ context: String, id: UInt64) -> [UInt8] {
        var key = [UInt8](repeating: 0, count: 32)
        crypto_kdf_derive_from_key(&key, 32, id, context, master)
        return key
    }

    /// The spellings in which keys stand in texts.
    var spellings: [Secret] {
        secrets.flatMap { secret in
            let data = Data(secret.bytes)
            let base64 = data.base64EncodedString()
            let texts = [
                data.map { String(format: "%02x", $0) }.joined(),
                base64,
                base64.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: ""),
            ]
            return [secret] + texts.map { Secret(name: secret.name, bytes: Array($0.utf8)) }
        }
    }
}
