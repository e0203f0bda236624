import MintmarkCrypto
import MintmarkTestSupport
import NIOConcurrencyHelpers

/// The seeded generator as a random source.
package final class SeededRandom: RandomSource {
    private let generator: NIOLockedValueBox<SeededGenerator>

    package init(seed: UInt64) {
        generator = NIOLockedValueBox(SeededGenerator(seed: seed))
    }

    package func fill(_ bytes: UnsafeMutableRawBufferPointer) {
        generator.withLockedValue { generator in
            for index in bytes.indices {
                bytes[index] = UInt8.random(in: .min ... .max, using: &generator)
            }
        }
    }
}
