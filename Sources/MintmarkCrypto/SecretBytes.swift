import CSodium
import Synchronization

/// A fixed number of secret bytes in guarded memory: between inaccessible pages, kept out of core dumps and (where the
/// system allows it) out of swap, read-only after initialisation, wiped and freed with the last reference.
///
/// Immutable, hence safe to share between threads. The bytes are never turned into `Array`, `Data` or `String`: what
/// needs them borrows them with ``withBytes(_:)``. Each value costs at least four pages and three mappings, so it is for
/// keys and passphrases, not for bulk data.
package final class SecretBytes: Sendable {
    /// The number of bytes, at least 1.
    package let count: Int

    /// Whether the system promised to keep the bytes out of swap. False where the limit on locked memory
    /// (`RLIMIT_MEMLOCK`) is used up: the bytes are usable all the same, but the operator should know.
    package let isLocked: Bool

    // A raw pointer is not Sendable by itself. This one is owned by this object alone, and what it points to is not
    // written between the end of `init` and `deinit`.
    private nonisolated(unsafe) let region: UnsafeMutableRawPointer

    private static let unlockedRegions = Atomic<Int>(0)

    /// The number of living values in this process whose memory could not be locked.
    package static var unlockedCount: Int {
        unlockedRegions.load(ordering: .relaxed)
    }

    /// Makes `count` bytes that `fill` writes. Their content before that is unspecified; `fill` must write all of them.
    ///
    /// `count` must be positive. Stops the process when memory is exhausted, as every Swift allocation does. When
    /// `fill` throws, what it wrote is wiped.
    package init<Failure: Error>(
        count: Int,
        fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        precondition(count > 0, "a secret needs at least one byte")
        Sodium.start()
        guard let region = sodium_malloc(count) else {
            preconditionFailure("no memory for a secret of \(count) bytes")
        }
        self.count = count
        self.region = region
        // sodium_malloc locks too, but hides whether that worked. Locking twice does no harm.
        isLocked = sodium_mlock(region, count) == 0
        if !isLocked {
            Self.unlockedRegions.add(1, ordering: .relaxed)
        }
        try fill(UnsafeMutableRawBufferPointer(start: region, count: count))
        let protected = sodium_mprotect_readonly(region)
        precondition(protected == 0, "guarded memory could not be made read-only")
    }

    /// Makes `count` random bytes.
    package convenience init(count: Int, random: some RandomSource) {
        self.init(count: count) { bytes in random.fill(bytes) }
    }

    /// Makes `count` bytes that a C call, which takes the address of unsigned characters, writes.
    convenience init<Failure: Error>(
        characterCount count: Int,
        writingWith write: (UnsafeMutablePointer<UInt8>) throws(Failure) -> Void
    ) throws(Failure) {
        try self.init(count: count) { (bytes) throws(Failure) in
            guard let start = bytes.baseAddress else { preconditionFailure("guarded memory has no address") }
            try write(start.assumingMemoryBound(to: UInt8.self))
        }
    }

    deinit {
        if !isLocked {
            Self.unlockedRegions.subtract(1, ordering: .relaxed)
        }
        sodium_free(region)
    }

    /// Lends the bytes to `body`, which must not copy them into memory that is not wiped.
    package func withBytes<Result, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let bytes = UnsafeRawBufferPointer(start: region, count: count)
        return try body(bytes.bytes)
    }

    /// Lends the address of the bytes to a C call.
    func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafePointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafePointer(region.assumingMemoryBound(to: UInt8.self)))
    }
}
