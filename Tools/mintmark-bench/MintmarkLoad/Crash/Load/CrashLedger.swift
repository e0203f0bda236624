import Glibc
import NIOConcurrencyHelpers

/// The file that remembers what was asked and what was acknowledged: append-only, synced.
///
/// A request is in the file, and on the disk, before it is sent; an answer counts once it is there. So the file alone
/// says what the daemon owes, even if this process is killed. Lock-guarded: all threads of a test share it.
final class CrashLedger: Sendable {
    let path: String

    private let descriptor: Int32
    private let beganAt = MonotonicClock.now()
    private let writtenBytes = NIOLockedValueBox(0)
    /// How many bytes are on the disk. Its lock is held while they are written there, so that one sync does for many.
    private let syncedBytes = NIOLockedValueBox(0)

    /// Makes the file, which only its owner may read: it holds tokens.
    init(path: String) throws(LoadFailure) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .failed("the ledger \(path) cannot be made: \(SystemFault("open"))") }
    }

    deinit {
        close(descriptor)
    }

    /// Adds lines, with the time in front of each.
    func append(_ lines: [String]) throws(LoadFailure) {
        guard !lines.isEmpty else { return }
        let microseconds = (MonotonicClock.now() - beganAt) / 1_000
        let time = "\(microseconds / 1_000).\(Text.padded(String(microseconds % 1_000), to: 3, with: "0"))"
        let bytes = Array(lines.map { "\(time) \($0)\n" }.joined().utf8)
        let result = writtenBytes.withLockedValue { written in
            Result { () throws(SystemFault) in
                try FileBytes.write(bytes, to: descriptor)
                written += bytes.count
            }
        }
        do throws(SystemFault) {
            try result.get()
        } catch {
            throw .failed("the ledger \(path) cannot be written: \(error)")
        }
    }

    /// Returns when everything that was added before is on the disk.
    func sync() throws(LoadFailure) {
        let goal = writtenBytes.withLockedValue { $0 }
        let code = syncedBytes.withLockedValue { synced -> Int32 in
            guard synced < goal else { return 0 }
            let end = writtenBytes.withLockedValue { $0 }
            guard fdatasync(descriptor) == 0 else { return errno }
            synced = end
            return 0
        }
        guard code == 0 else {
            throw .failed("the ledger \(path) cannot be synced: \(SystemFault("fdatasync", code: code))")
        }
    }
}
