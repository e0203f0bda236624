/// Why a snapshot did not come about. The one before it counts on.
package enum SnapshotFailure: Error, Equatable, Sendable {
    /// The journal has failed or is closed.
    case journal
    case system(StorageFault)
    /// What was written reads differently.
    case unverified(RecoveryFailure)
}

extension SnapshotFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .journal: "the journal cannot be written to"
        case .system(let fault): "\(fault)"
        case .unverified(let failure): "reading it back: \(failure)"
        }
    }
}

/// Runs a file operation; its fault is why a snapshot did not come about.
func snapshotting<Value>(_ body: () throws(StorageFault) -> Value) throws(SnapshotFailure) -> Value {
    do throws(StorageFault) {
        return try body()
    } catch {
        throw .system(error)
    }
}
