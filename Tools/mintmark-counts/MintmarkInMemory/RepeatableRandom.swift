import MintmarkCrypto
import Synchronization

/// The same bytes in every run, so that every run counts the same: what libsodium does depends on keys and signatures.
///
/// SplitMix64. One atomic number; safe to share between threads.
package final class RepeatableRandom: RandomSource {
    private let state: Atomic<UInt64>

    /// - Parameter position: what ``position`` was where the sequence is to go on.
    package init(position: UInt64 = 0) {
        state = Atomic(position)
    }

    /// Where in the sequence the next byte comes from.
    package var position: UInt64 { state.load(ordering: .relaxed) }

    package func fill(_ bytes: UnsafeMutableRawBufferPointer) {
        for offset in bytes.indices { bytes[offset] = UInt8(truncatingIfNeeded: next()) }
    }

    private func next() -> UInt64 {
        var value = state.wrappingAdd(0x9E37_79B9_7F4A_7C15, ordering: .relaxed).newValue
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
