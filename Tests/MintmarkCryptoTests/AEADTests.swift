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

    // MARK: Secrets

    private func openSecret(_ sealed: [UInt8], additionalData: [UInt8]? = nil) -> SecretBytes? {
        let additionalData = additionalData ?? self.additionalData
        return cipher.openSecret(sealed.span.bytes, additionalData: additionalData.span.bytes)
    }

    @Test(arguments: [1, 32, 100])
    func aSealedSecretOpens(count: Int) {
        let secret = [UInt8](repeating: 5, count: count)
        #expect(openSecret(seal(secret))?.copy == secret)
    }

    @Test func aChangedSecretIsRefused() {
        let sealed = seal([1, 2, 3])
        for bit in 0..<(8 * sealed.count) {
            var changed = sealed
            changed[bit / 8] ^= 1 << (bit % 8)
            #expect(openSecret(changed) == nil, "bit \(bit)")
        }
        for prefix in 0..<sealed.count {
            #expect(openSecret(Array(sealed.prefix(prefix))) == nil, "\(prefix) bytes")
        }
        #expect(openSecret(sealed + [0]) == nil)
        #expect(openSecret(sealed, additionalData: []) == nil)
        #expect(openSecret(seal([])) == nil, "nothing is no secret")
    }

    @Test(.enabled(if: !Sanitizer.isThere, "it has memory of its own"))
    func anOpenedSecretIsInGuardedMemoryOnly() async {
        // Not a literal: the program's own text is in memory too.
        let secret = SystemRandom().bytes(count: 24)
        let sealed = seal(secret)
        let patterns = [MemoryScan.masked(secret)]
        await #expect(processExitsWith: .success) { [sealed = sealed as [UInt8], patterns = patterns as [[UInt8]]] in
            AEADTests.openAndRelease(sealed, patterns: patterns)
            #expect(MemoryScan.countOfMatches(ofMasked: patterns) == 0)
        }
    }

    private static func openAndRelease(_ sealed: [UInt8], patterns: [[UInt8]]) {
        let secret = AEADTests().openSecret(sealed)
        #expect(secret?.count == 24)
        #expect(MemoryScan.countOfMatches(ofMasked: patterns) == 1)
        withExtendedLifetime(secret) {}
    }

    @Test func keyOfAnotherLengthIsAProgrammersError() async {
        await #expect(processExitsWith: .failure) { _ = AEAD(key: SecretBytes(count: 31, random: SystemRandom())) }
        await #expect(processExitsWith: .failure) { _ = AEAD(key: SecretBytes(count: 33, random: SystemRandom())) }
    }
}
