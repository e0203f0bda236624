package import MintmarkCrypto
import Synchronization

/// Remembers what verified tokens say, so that a token shown again costs no signature check.
///
/// Keeps facts, never verdicts, and only of tokens that were good; every use judges them anew (`TokenVerifier`). Facts
/// belong to the verifier that read them: for another one they are a miss, and are replaced. So after a change of keys
/// or settings nothing in here is believed, and `purge` only gives the memory back.
///
/// The table is found by a hash of the end of the token's signature (`TokenHash`), which no two good tokens share, so
/// hashing the rest would distribute nothing better. A hash alone is never trusted: the whole token is compared.
///
/// Lock-guarded: the table is cut into stripes of a lock each, and a look-up holds one while it finds, compares and
/// copies an entry: shorter than counting references to it would take. The bound in bytes is divided among the stripes.
///
/// Unchecked for the stripes' memory, which is this object's alone: each lock stays where it is, and finding one counts no
/// reference.
package final class VerifiedTokenCache: @unchecked Sendable {
    private static let stripeCountLog2Max = 6
    private static let stripeByteCountMin = 256 << 10

    private let stripes: UnsafeMutableBufferPointer<Mutex<CacheStripe>>
    private let stripeShift: UInt64
    private let hash: TokenHash

    /// - Parameters:
    ///   - byteCountMax: how much memory the entries may take, by `Counters.byteCount`.
    ///   - random: where the key of the hash comes from.
    package init(byteCountMax: Int = 64 << 20, random: some RandomSource) {
        var stripeCountLog2 = Self.stripeCountLog2Max
        while stripeCountLog2 > 0 && byteCountMax >> stripeCountLog2 < Self.stripeByteCountMin {
            stripeCountLog2 -= 1
        }
        let stripeByteCount = byteCountMax >> stripeCountLog2
        stripes = .allocate(capacity: 1 << stripeCountLog2)
        for index in stripes.indices {
            stripes.initializeElement(at: index, to: Mutex(CacheStripe(byteCountMax: stripeByteCount)))
        }
        stripeShift = UInt64(64 - stripeCountLog2)
        hash = TokenHash(random: random)
    }

    deinit {
        stripes.deinitialize()
        stripes.deallocate()
    }

    /// What the verifier of that generation read from this token, if it is still here. Allocates nothing.
    ///
    /// On a hit `text` holds what the facts refer to.
    func facts(of token: RawSpan, generation: UInt64, text: inout [UInt8]) -> TokenFacts? {
        let hash = self.hash(token)
        return stripes[stripe(of: hash)].withLock { stripe in
            stripe.facts(of: token, hash: hash, generation: generation, text: &text)
        }
    }

    /// Whether `facts` would be found. Counts nothing.
    func holds(_ token: RawSpan, generation: UInt64) -> Bool {
        let hash = self.hash(token)
        return stripes[stripe(of: hash)].withLock { $0.holds(token, hash: hash, generation: generation) }
    }

    /// A token that will be looked up or inserted soon.
    package struct Announcement {
        fileprivate let hash: UInt64
        fileprivate let tokenByteCount: Int
    }

    /// Asks the processor for the memory that tells where the token's entry is. Changes and counts nothing.
    package func announce(_ token: RawSpan) -> Announcement {
        let hash = self.hash(token)
        stripes[stripe(of: hash)].withLock { $0.prefetchSlot(of: hash) }
        return Announcement(hash: hash, tokenByteCount: token.byteCount)
    }

    /// The same for a token that is new here: asks also for the slot of the entry whose place it will take.
    package func announceInsertion(of token: RawSpan) -> Announcement {
        let hash = self.hash(token)
        stripes[stripe(of: hash)].withLock { stripe in
            stripe.prefetchSlot(of: hash)
            stripe.prefetchSlotOfOldest()
        }
        return Announcement(hash: hash, tokenByteCount: token.byteCount)
    }

    /// Asks for the entry itself, once what tells where it is has come.
    package func prefetch(_ announcement: Announcement) {
        stripes[stripe(of: announcement.hash)].withLock { stripe in
            stripe.prefetch(hash: announcement.hash, tokenByteCount: announcement.tokenByteCount)
        }
    }

    /// Keeps the facts of a token that the verifier of that generation has accepted.
    ///
    /// - Parameter announcement: of this token, where it was announced.
    func insert(
        _ token: RawSpan,
        announcedBy announcement: Announcement? = nil,
        facts: TokenFacts,
        text: RawSpan,
        generation: UInt64
    ) {
        let hash = announcement?.hash ?? self.hash(token)
        stripes[stripe(of: hash)].withLock { stripe in
            stripe.insert(token, facts: facts, text: text, hash: hash, generation: generation)
        }
    }

    /// Forgets everything.
    package func purge() {
        for index in stripes.indices {
            _ = stripes[index].withLock { $0.removeAll() }
        }
    }

    /// What happened since the start, summed over the stripes one after the other.
    package var counters: Counters {
        stripes.indices.reduce(into: Counters()) { sum, index in
            sum.add(stripes[index].withLock { $0.counters })
        }
    }

    private func stripe(of hash: UInt64) -> Int {
        // A smart shift: by 64, for a single stripe, it gives 0.
        Int(hash >> stripeShift)
    }
}

extension VerifiedTokenCache {
    /// What a cache holds, and what happened to it since the start.
    package struct Counters: Equatable, Sendable {
        package internal(set) var hits: UInt64 = 0
        package internal(set) var misses: UInt64 = 0
        package internal(set) var insertions: UInt64 = 0
        /// Entries that gave way to others because of the bound.
        package internal(set) var evictions: UInt64 = 0
        /// Entries held now.
        package internal(set) var entryCount = 0
        /// Memory they take, with their share of the index.
        package internal(set) var byteCount = 0

        mutating func add(_ other: Counters) {
            hits &+= other.hits
            misses &+= other.misses
            insertions &+= other.insertions
            evictions &+= other.evictions
            entryCount += other.entryCount
            byteCount += other.byteCount
        }
    }
}
