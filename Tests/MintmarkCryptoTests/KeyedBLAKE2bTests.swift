import MintmarkTestSupport
import Testing

@testable import MintmarkCrypto

@Suite struct KeyedBLAKE2bTests {
    struct Vector: CustomTestStringConvertible {
        let testDescription: String
        let messageByteCount: UInt8
        let keyByteCount: UInt8
        let tag: [UInt8]

        init(_ name: String, _ messageByteCount: UInt8, key keyByteCount: UInt8, _ tag: String) {
            testDescription = name
            self.messageByteCount = messageByteCount
            self.keyByteCount = keyByteCount
            self.tag = hex(tag)
        }
    }

    /// The first two are the first and last keyed vectors of the reference implementation's blake2b-kat.txt; the others
    /// are of its Python binding, for other lengths. Messages and keys count up from 0.
    @Test(arguments: [
        Vector(
            "empty message",
            0,
            key: 64,
            """
            10ebb67700b1868efb4417987acf4690ae9d972fb7a590c2f02871799aaa4786
            b5e996e8f0f4eb981fc214b005f42d2ff4233499391653df7aefcbc13fc51568
            """
        ),
        Vector(
            "255 bytes",
            255,
            key: 64,
            """
            142709d62e28fcccd0af97fad0f8465b971e82201dc51070faa0372aa43e9248
            4be1c1e73ba10906d5d1853db6a4106e0a7bf9800d373d6dee2d46d62ef2a461
            """
        ),
        Vector("key of 32 bytes, tag of 16", 30, key: 32, "66ec0d99ee78f8614e7da5bd1419928a"),
        Vector("shortest key, shortest tag", 30, key: 16, "b34d5c1a10acc968ef1c700a8eb7cb1e"),
        Vector("longest key, tag of 17", 30, key: 64, "3a146bb86fc9aeb734f0468ced4d3c8db2"),
    ])
    func publishedVectors(vector: Vector) {
        let key = SecretBytes(Array(0..<vector.keyByteCount))
        let authenticator = KeyedBLAKE2b(key: key, tagByteCount: vector.tag.count)
        let message = Array(0..<vector.messageByteCount)
        #expect(tag(of: message, by: authenticator) == vector.tag)
        #expect(isValid(vector.tag, for: message, by: authenticator))
    }

    @Test func tagIsAppendedToWhatItIsOf() {
        let authenticator = KeyedBLAKE2b(key: SecretBytes(count: 32, random: SystemRandom()), tagByteCount: 16)
        let bytes = InlineArray<46, UInt8> { output in
            for byte in 0..<30 {
                output.append(UInt8(byte))
            }
            authenticator.appendTag(to: &output)
        }
        let message: [UInt8] = Array(0..<30)
        #expect(bytes.indices.map { bytes[$0] } == message + tag(of: message, by: authenticator))
    }

    @Test func tagOfPartOfABufferIsAppendedToIt() {
        let authenticator = KeyedBLAKE2b(key: SecretBytes(count: 32, random: SystemRandom()), tagByteCount: 16)
        var buffer: [UInt8] = Array(0..<40)
        authenticator.appendTag(of: 5..<35, to: &buffer)
        #expect(buffer == Array(0..<40) + tag(of: Array(5..<35), by: authenticator))
    }

    @Test func everyOtherTagIsRefused() {
        let authenticator = KeyedBLAKE2b(key: SecretBytes(count: 32, random: SystemRandom()), tagByteCount: 16)
        let message: [UInt8] = Array(0..<30)
        let right = tag(of: message, by: authenticator)
        for bit in 0..<128 {
            var wrong = right
            wrong[bit / 8] ^= 1 << (bit % 8)
            #expect(!isValid(wrong, for: message, by: authenticator), "bit \(bit)")
        }
        for count in 0..<16 {
            #expect(!isValid(Array(right.prefix(count)), for: message, by: authenticator), "\(count) bytes")
        }
        #expect(!isValid(right + [0], for: message, by: authenticator))
        #expect(!isValid(right, for: message + [0], by: authenticator))
        let other = KeyedBLAKE2b(key: SecretBytes(count: 32, random: SystemRandom()), tagByteCount: 16)
        #expect(!isValid(right, for: message, by: other))
    }

    @Test func lengthsOutsideOfTheLimitsAreAProgrammersError() async {
        await #expect(processExitsWith: .failure) { KeyedBLAKE2bTests.make(key: 15, tag: 16) }
        await #expect(processExitsWith: .failure) { KeyedBLAKE2bTests.make(key: 65, tag: 16) }
        await #expect(processExitsWith: .failure) { KeyedBLAKE2bTests.make(key: 32, tag: 15) }
        await #expect(processExitsWith: .failure) { KeyedBLAKE2bTests.make(key: 32, tag: 65) }
        Self.make(key: 16, tag: 64)
        Self.make(key: 64, tag: 16)
    }

    private static func make(key: Int, tag: Int) {
        _ = KeyedBLAKE2b(key: SecretBytes(count: key, random: SystemRandom()), tagByteCount: tag)
    }

    private func tag(of message: [UInt8], by authenticator: KeyedBLAKE2b) -> [UInt8] {
        var tag: [UInt8] = []
        authenticator.authenticate(message.span.bytes, appendingTo: &tag)
        return tag
    }

    private func isValid(_ tag: [UInt8], for message: [UInt8], by authenticator: KeyedBLAKE2b) -> Bool {
        authenticator.isValid(tag: tag.span.bytes, for: message.span.bytes)
    }
}
