import MintmarkTestSupport
import Testing

@testable import MintmarkCrypto

/// The published vector is in the self-test, which `SelfTestTests` runs.
@Suite struct AEADTests {
    private let cipher = AEAD(key: SecretBytes(Array(0..<32)))
    private let additionalData: [UInt8] = [1, 2, 3]

    private func seal(_ plaintext: [UInt8]) -> [UInt8] {
        var sealed: [UInt8] = []
        cipher.seal(
            plaintext.span.bytes,
            additionalData: additionalData.span.bytes,
            random: SystemRandom(),
            appendingTo: &sealed
        )
        return sealed
    }

    /// The plaintext, checked to be appended or not to touch the output; nil when refused.
    private func open(_ sealed: [UInt8], additionalData: [UInt8]? = nil) -> [UInt8]? {
        var output: [UInt8] = [7]
        let additionalData = additionalData ?? self.additionalData
        guard
            cipher.open(sealed.span.bytes, additionalData: additionalData.span.bytes, appendingTo: &output)
        else {
            #expect(output == [7])
            return nil
        }
        #expect(output.first == 7)
        return Array(output.dropFirst())
    }

    @Test(arguments: [0, 1, 15, 16, 17, 63, 64, 65, 1000])
    func sealedMessageOpens(count: Int) {
        var generator = SeededGenerator(seed: UInt64(count))
        let plaintext = generator.bytes(count: count)
        let sealed = seal(plaintext)
        #expect(sealed.count == count + AEAD.overheadByteCount)
        #expect(open(sealed) == plaintext)
    }

    @Test func equalMessagesAreSealedDifferently() {
        #expect(seal([1, 2, 3]) != seal([1, 2, 3]))
    }

    @Test(arguments: [0, 20])
    func everyChangeIsRefused(count: Int) {
        let sealed = seal([UInt8](repeating: 5, count: count))
        for bit in 0..<(8 * sealed.count) {
            var changed = sealed
            changed[bit / 8] ^= 1 << (bit % 8)
            #expect(open(changed) == nil, "bit \(bit)")
        }
        for prefix in 0..<sealed.count {
            #expect(open(Array(sealed.prefix(prefix))) == nil, "\(prefix) bytes")
        }
        #expect(open(sealed + [0]) == nil)
        #expect(open(sealed, additionalData: []) == nil)
        #expect(open(sealed, additionalData: [1, 2, 3, 0]) == nil)
    }

    @Test func anotherKeyDoesNotOpen() {
        let sealed = seal([1, 2, 3])
        let other = AEAD(key: SecretBytes(Array(1..<33)))
        var output: [UInt8] = []
        let isOpened = other.open(
            sealed.span.bytes,
            additionalData: additionalData.span.bytes,
            appendingTo: &output
        )
        #expect(!isOpened)
    }

    @Test func keyOfAnotherLengthIsAProgrammersError() async {
        await #expect(processExitsWith: .failure) { _ = AEAD(key: SecretBytes(count: 31, random: SystemRandom())) }
        await #expect(processExitsWith: .failure) { _ = AEAD(key: SecretBytes(count: 33, random: SystemRandom())) }
    }
}
