package import MintmarkCrypto

/// Reads files that hold a master key.
package enum MasterKeyFile {
    package enum Fault: Error, Equatable, Sendable {
        case file(SecretFile.Fault)
        case size(path: String, bytes: Int)
    }

    package static func read(_ path: String) throws(Fault) -> SecretBytes {
        let key: SecretBytes
        do throws(SecretFile.Fault) {
            key = try SecretFile.read(path)
        } catch {
            throw .file(error)
        }
        guard key.count == KeyDerivation.masterByteCount else { throw .size(path: path, bytes: key.count) }
        return key
    }

    /// The same; nil where there is no file.
    package static func readIfPresent(_ path: String) throws(Fault) -> SecretBytes? {
        do throws(Fault) {
            return try read(path)
        } catch {
            guard case .file(.missing) = error else { throw error }
            return nil
        }
    }
}

extension MasterKeyFile.Fault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .file(let fault): "\(fault)"
        case .size(let path, let bytes):
            "\(path) has \(bytes) bytes; a master key has \(KeyDerivation.masterByteCount)"
        }
    }
}
