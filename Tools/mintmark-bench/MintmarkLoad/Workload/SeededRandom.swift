/// A reproducible random source: SplitMix64 (Steele, Lea, Flood 2014).
struct SeededRandom: RandomNumberGenerator, Hashable, Sendable {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// A source of its own for each purpose, so that drawing for one does not shift the others.
    init(seed: UInt64, purpose: UInt64) {
        var first = SeededRandom(seed: seed)
        state = first.next() ^ (purpose &* 0xD6E8_FEB8_6659_FD93)
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `bound` - 1; the bound is small against 2^64, so that no number is preferred measurably.
    @inline(__always)
    mutating func below(_ bound: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// A number above 0 and at most 1.
    mutating func unit() -> Double {
        Double((next() >> 11) + 1) * 0x1p-53
    }
}
