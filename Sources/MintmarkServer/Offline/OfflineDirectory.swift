import MintmarkCrypto
import MintmarkStorage

/// What a tool prints, and how it ends.
package struct OfflineResult: Equatable, Sendable {
    package let text: String
    package let exitCode: Int32
}

/// The exit codes of the offline tools.
enum OfflineExit {
    static let sound: Int32 = 0
    static let torn: Int32 = 1
    static let unusable = DaemonExit.store.rawValue
}

/// A data directory as the arguments name it, and the master keys that may be its store's.
struct OfflineDirectory {
    let path: String
    /// Nil: the key lies in the directory.
    let masterKeyFile: String?

    init(_ path: String, masterKeyFile: String?) {
        // Paths are put together with one slash.
        var path = path
        while path.count > 1, path.hasSuffix("/") {
            path.removeLast()
        }
        self.path = path
        self.masterKeyFile = masterKeyFile == "\(path)/\(StoreFiles.masterKey)" ? nil : masterKeyFile
    }

    var keyPath: String {
        masterKeyFile ?? "\(path)/\(StoreFiles.masterKey)"
    }

    struct Key {
        /// As people know it.
        let name: String
        let master: SecretBytes
    }

    /// The keys that may open the store, the likeliest first: that of a rekeying which was stopped is one, too.
    func keys() throws(DaemonFailure) -> [Key] {
        do throws(MasterKeyFile.Fault) {
            if let masterKeyFile {
                return [Key(name: masterKeyFile, master: try MasterKeyFile.read(masterKeyFile))]
            }
            let next = try MasterKeyFile.readIfPresent(MasterKeyMove.nextKeyPath(keyPath))
            let nextKey = next.map { Key(name: StoreFiles.nextMasterKey, master: $0) }
            guard let nextKey else {
                return [Key(name: StoreFiles.masterKey, master: try MasterKeyFile.read(keyPath))]
            }
            let current = try MasterKeyFile.readIfPresent(keyPath).map { Key(name: StoreFiles.masterKey, master: $0) }
            return [current, nextKey].compactMap { $0 }
        } catch {
            throw DaemonFailure("\(error)\(advice(on: error))", exitCode: OfflineExit.unusable)
        }
    }

    /// What to do about a key that cannot be read, if anything.
    private func advice(on fault: MasterKeyFile.Fault) -> String {
        guard masterKeyFile == nil, case .file(.missing) = fault else { return "" }
        let elsewhere = "; if the key lies elsewhere, name it with --master-key"
        guard let names = try? inspect().disk.list(), !names.contains(where: StoreFiles.isTrace) else {
            return elsewhere
        }
        return "; there is no store here either: is this the right directory?"
    }

    /// Opens the directory to look at it.
    func inspect() throws(DaemonFailure) -> (disk: DiskDirectory, isInUse: Bool) {
        do throws(DataDirectory.Fault) {
            return try DataDirectory.inspect(path)
        } catch {
            throw DaemonFailure("\(error)", exitCode: OfflineExit.unusable)
        }
    }

    /// Opens the directory to change it, and locks it for as long as the result lives.
    func lock() throws(DaemonFailure) -> DiskDirectory {
        do throws(DataDirectory.Fault) {
            return try DataDirectory(existing: path).disk()
        } catch {
            throw DaemonFailure("\(error)", exitCode: OfflineExit.unusable)
        }
    }
}
