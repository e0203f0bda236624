package import MintmarkCrypto

/// Which life of the store minted a refresh token.
///
/// The upper 44 bits are milliseconds since 2020-01-01T00:00:00Z, the lower 20 are random. Every start takes a greater
/// epoch than any before it, so that a store that went back to an older state never mints a token a second time. The
/// random bits keep two stores apart that went on from the same copy within the same millisecond.
package struct StoreEpoch: Comparable, Hashable, Sendable {
    package let rawValue: UInt64

    private static let randomBitCount: UInt64 = 20
    private static let instantMax: UInt64 = 1 << 44 - 1
    private static let originMilliseconds: UInt64 = 1_577_836_800_000

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// The upper 44 bits.
    package var instant: UInt64 {
        rawValue >> Self.randomBitCount
    }

    /// When the epoch began, or a later instant, in milliseconds since 1970-01-01T00:00:00Z.
    package var wallMilliseconds: UInt64 {
        instant + Self.originMilliseconds
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.rawValue < right.rawValue
    }

    /// An epoch above `previous`: its upper part is the clock's, or one more than that of `previous` if that is greater;
    /// its lower part is drawn afresh. Nil when there is none, in the year 2577.
    ///
    /// - Parameter wallMilliseconds: since 1970-01-01T00:00:00Z.
    package static func next(
        after previous: StoreEpoch?,
        wallMilliseconds: UInt64,
        random: some RandomSource
    ) -> StoreEpoch? {
        let clock = wallMilliseconds < originMilliseconds ? 0 : wallMilliseconds - originMilliseconds
        let least = previous.map { $0.instant + 1 } ?? 0
        let instant = max(clock, least)
        guard instant <= instantMax else { return nil }
        let low = random.nextUInt64() & (1 << randomBitCount - 1)
        return StoreEpoch(rawValue: instant << randomBitCount | low)
    }
}
