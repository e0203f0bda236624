import MintmarkCrypto
import Synchronization

/// Names for tokens, which have to differ and need be no secret: one number after the other. What randomness costs is
/// libsodium's, and would be counted as ours.
final class ConsecutiveNumbers: RandomSource {
    private let last = Atomic<UInt64>(0)

    func fill(_ bytes: UnsafeMutableRawBufferPointer) {
        let numbers = bytes.bindMemory(to: UInt64.self)
        let first = last.wrappingAdd(UInt64(numbers.count), ordering: .relaxed).oldValue
        for index in numbers.indices { numbers[index] = first &+ UInt64(index) }
    }
}
