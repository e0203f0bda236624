import MintmarkCrypto
import MintmarkSessions
import MintmarkSessionsTestSupport

@testable import MintmarkStorage

/// Reading a directory as a start does, without beginning a life.
enum Recovery {
    struct Result {
        let content: StoreContent
        let report: RecoveryReport
        let store: SessionStore
    }

    static func run(
        _ directory: some StorageDirectory,
        master: SecretBytes = StorageFixture.master
    ) throws(RecoveryFailure) -> Result {
        let opening = try StoreOpening(directory, master: master)
        let store = SessionStore(
            limits: SessionStoreLimits(),
            codec: RefreshTokenCodec(keys: opening.tokenKeys),
            epoch: opening.epoch,
            journal: MemoryJournal(),
            random: SeededRandom(seed: 1)
        )
        let recovered = try opening.recover(into: store)
        return Result(content: StoreContent(of: store), report: recovered.report, store: store)
    }

    /// Why files are refused; nil when they are not. The directory must not have changed then.
    static func failure(
        _ files: [String: [UInt8]],
        master: SecretBytes = StorageFixture.master
    ) -> (failure: RecoveryFailure?, isUnchanged: Bool) {
        let directory = MemoryDirectory(files)
        do throws(RecoveryFailure) {
            _ = try run(directory, master: master)
            return (nil, directory.files == files)
        } catch {
            return (error, directory.files == files)
        }
    }
}
