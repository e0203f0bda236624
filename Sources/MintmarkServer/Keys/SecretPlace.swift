import MintmarkCrypto
import MintmarkStorage

/// Finds the files that settings name secrets by: a path, or `credential:NAME` for what the service manager has passed.
struct SecretPlace: Sendable {
    static let credentialPrefix = "credential:"

    /// `$CREDENTIALS_DIRECTORY` (systemd.exec(5)).
    let credentials: String?

    func path(_ text: String) throws(ServerKeys.Fault) -> String {
        guard text.hasPrefix(Self.credentialPrefix) else { return text }
        let name = String(text.dropFirst(Self.credentialPrefix.count))
        guard let credentials else { throw .noCredentials(name: name) }
        return "\(credentials)/\(name)"
    }

    func read(_ text: String) throws(ServerKeys.Fault) -> SecretBytes {
        let path = try path(text)
        do throws(SecretFile.Fault) {
            return try SecretFile.read(path)
        } catch {
            throw .file(error)
        }
    }

    /// The first line of a file.
    func passphrase(_ text: String) throws(ServerKeys.Fault) -> SecretBytes {
        let file = try read(text)
        return file.withBytes { bytes in
            var count = 0
            while count < bytes.byteCount, bytes.unsafeLoad(fromByteOffset: count, as: UInt8.self) != 0x0A {
                count += 1
            }
            // An empty first line is an empty passphrase, which opens nothing; secrets have one byte at least.
            let length = max(count, 1)
            return SecretBytes(count: length) { region in
                bytes.extracting(0..<length).withUnsafeBytes { region.copyMemory(from: $0) }
            }
        }
    }
}
