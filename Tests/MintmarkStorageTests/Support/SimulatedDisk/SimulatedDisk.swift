import MintmarkStorage
import MintmarkTestSupport
import NIOConcurrencyHelpers

/// A disk with one directory, in memory, that loses what a real one may lose and fails as a real one may fail.
///
/// Everything that happens by chance comes from the seed: the same calls in the same order give the same disk. What a
/// process sees and what survives a power loss are kept apart, for contents and lengths as well as for names: contents
/// and lengths are durable after a sync of the file, names after a sync of the directory.
///
/// One lock around one state; safe to share between threads.
final class SimulatedDisk: Sendable {
    /// What every call fails with when the process is dead; no `errno`.
    static let deadCode: Int32 = 9_999

    enum Power: Sendable {
        /// The process ends, and the system lives: all that was written is still in its cache.
        case kept

        /// The disk keeps what was synced, and by chance some of the rest.
        case lost
    }

    let seed: UInt64
    private let state: NIOLockedValueBox<SimulatedDiskState>

    init(seed: UInt64) {
        self.seed = seed
        state = NIOLockedValueBox(SimulatedDiskState(seed: seed))
    }

    // MARK: Crashes

    /// Ends the process that used the disk, if it has not died by itself: its open files fail with EIO from now on. Then
    /// the disk is there for the next one. Faults that were injected stay.
    func crash(power: Power) {
        state.withLockedValue { $0.crash(power: power) }
    }

    /// Lets the process die at a call. That call and all after it fail with ``deadCode``, until ``crash(power:)``.
    func die(at number: Int, _ moment: DiskDeath.Moment) {
        state.withLockedValue { $0.plan.death = DiskDeath(number: number, moment: moment) }
    }

    var isDead: Bool {
        state.withLockedValue(\.plan.isDead)
    }

    // MARK: Faults

    func inject(_ fault: DiskFault) {
        state.withLockedValue { $0.plan.faults.append(fault) }
    }

    /// Whether anything but a crash may make a call fail.
    var hasFaults: Bool {
        state.withLockedValue { state in
            !state.plan.faults.isEmpty || state.contents.byteCountMax != nil || state.contents.isReadOnly
        }
    }

    /// Whether a sync of the directory has failed: the file system is shut down then, and mounted again before the next
    /// process works, which finds what it finds after a power loss.
    var isShutDown: Bool {
        state.withLockedValue(\.contents.isShutDown)
    }

    /// Takes back all faults, the bound on space and the write protection.
    func heal() {
        state.withLockedValue { state in
            state.plan.faults = []
            state.contents.byteCountMax = nil
            state.contents.isReadOnly = false
            state.log.note("healed")
        }
    }

    /// The space for contents in bytes, in pages of 4096; nil: endless.
    var byteCountMax: Int? {
        get { state.withLockedValue(\.contents.byteCountMax) }
        set {
            state.withLockedValue { state in
                state.contents.byteCountMax = newValue
                state.log.note("space for \(newValue.map(String.init) ?? "all")")
            }
        }
    }

    /// The space in use.
    var byteCount: Int {
        state.withLockedValue(\.contents.byteCount)
    }

    /// Whether the file system refuses every change.
    var isReadOnly: Bool {
        get { state.withLockedValue(\.contents.isReadOnly) }
        set {
            state.withLockedValue { state in
                state.contents.isReadOnly = newValue
                state.log.note(newValue ? "read-only" : "writable")
            }
        }
    }

    // MARK: What happened

    /// How many calls there were.
    var callCount: Int {
        state.withLockedValue(\.plan.callCount)
    }

    func callCount(of operation: StorageFault.Operation) -> Int {
        state.withLockedValue { $0.plan.callCount(of: operation) }
    }

    var calls: [DiskCall] {
        state.withLockedValue(\.log.calls)
    }

    /// Puts a line into the history.
    func note(_ text: String) {
        state.withLockedValue { $0.log.note(text) }
    }

    /// Seed, faults, and everything that happened, a line each.
    var history: String {
        state.withLockedValue { state in
            let faults = state.plan.faults.map { "-- \($0)\n" }.joined()
            return "-- disk of seed \(seed)\n\(faults)\(state.log.text)"
        }
    }

    // MARK: What is there

    /// Everything as it is now, to be put back later.
    var contents: DiskContents {
        get { state.withLockedValue(\.contents) }
        set {
            state.withLockedValue { state in
                state.contents = newValue
                state.log.note("contents put back")
            }
        }
    }

    /// Makes a file, on the disk and in the cache, what somebody else has made of it.
    func replace(_ name: String, with bytes: [UInt8]) {
        state.withLockedValue { state in
            state.contents.replace(name, with: bytes)
            state.log.note("replaced \(name)")
        }
    }

    /// Changes a bit of a file, on the disk and in the cache.
    func flip(_ mask: UInt8, at offset: Int, of name: String) {
        state.withLockedValue { state in
            state.contents.flip(mask, at: offset, of: name)
            state.log.note("flipped \(mask) at \(offset) of \(name)")
        }
    }

    // MARK: Calls

    /// The life of the process that uses the disk now; files opened in an earlier one are of no use.
    var life: Int {
        state.withLockedValue(\.life)
    }

    func call<Value>(
        _ request: DiskRequest<Value>,
        inLife life: Int? = nil
    ) throws(StorageFault) -> Value {
        // The lock's own function knows no typed errors.
        let result = state.withLockedValue { state in
            Result { () throws(StorageFault) in try state.call(request, inLife: life) }
        }
        return try result.get()
    }
}

/// Bytes in so few words.
func octets(_ values: UInt8...) -> [UInt8] {
    values
}
