import MintmarkCrypto
import Synchronization

/// Hands out the given bytes again and again, from the start at each call.
struct FixedRandom: RandomSource {
    let bytes: [UInt8]

    func fill(_ target: UnsafeMutableRawBufferPointer) {
        for offset in target.indices {
            target[offset] = bytes[offset % bytes.count]
        }
    }
}

/// Reproducible random bytes from a seed; counts how often it was asked.
final class SeededRandom: RandomSource {
    private let state: Atomic<UInt64>
    private let fills = Atomic<Int>(0)

    init(seed: UInt64) {
        state = Atomic(seed)
    }

    var fillCount: Int { fills.load(ordering: .relaxed) }

    func fill(_ target: UnsafeMutableRawBufferPointer) {
        fills.wrappingAdd(1, ordering: .relaxed)
        for offset in target.indices {
            target[offset] = UInt8(truncatingIfNeeded: next())
        }
    }

    private func next() -> UInt64 {
        var mixed = state.wrappingAdd(0x9E37_79B9_7F4A_7C15, ordering: .relaxed).newValue
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
