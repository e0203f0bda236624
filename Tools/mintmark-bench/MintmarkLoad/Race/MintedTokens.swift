import NIOConcurrencyHelpers

/// Every token that a server gave as a new one, to find one that it gives again.
///
/// Lock-guarded: the threads of a race share it. Keeps 128 bits of a token, by a hash whose key is this process's.
final class MintedTokens: Sendable {
    private struct Fingerprint: Hashable {
        var low: Int
        var high: Int

        init(_ token: [UInt8]) {
            var first = Hasher()
            first.combine(0)
            first.combine(token)
            low = first.finalize()
            var second = Hasher()
            second.combine(1)
            second.combine(token)
            high = second.finalize()
        }
    }

    private let fingerprints = NIOLockedValueBox<Set<Fingerprint>>([])

    /// Adds a token; false if it was there.
    func add(_ token: [UInt8]) -> Bool {
        let fingerprint = Fingerprint(token)
        return fingerprints.withLockedValue { $0.insert(fingerprint).inserted }
    }
}
