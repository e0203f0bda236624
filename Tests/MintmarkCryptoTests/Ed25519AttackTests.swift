import CSodium
import MintmarkTestSupport
import Testing

@testable import MintmarkCrypto

/// Forgeries that lax verifiers accept, made here from the curve's constants.
@Suite struct Ed25519AttackTests {
    /// The order of the prime-order group, little-endian: 2^252 + 27742317777372353535851937790883648493.
    private static let groupOrder = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")

    /// The prime of the field, 2^255 - 19, plus `addend`, little-endian.
    private static func prime(plus addend: UInt8) -> [UInt8] {
        [0xED + addend] + [UInt8](repeating: 0xFF, count: 30) + [0x7F]
    }

    /// Every encoding, canonical or not, of the eight points whose order divides 8.
    static let smallOrderEncodings: [[UInt8]] = {
        let zeros = [UInt8](repeating: 0, count: 31)
        let eighth = hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
        let opposite = hex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")
        let minusOne = [0xEC] + prime(plus: 0).dropFirst()
        let positive = [[0] + zeros, [1] + zeros, minusOne, eighth, opposite, prime(plus: 0), prime(plus: 1)]
        return positive + positive.map(withSignBit)
    }()

    private static func withSignBit(_ encoding: [UInt8]) -> [UInt8] {
        encoding.dropLast() + [encoding[31] | 0x80]
    }

    private let key = Ed25519SigningKey(seed: SecretBytes(Ed25519Vector.published[2].seed))
    private let message = Array("header.claims".utf8)

    private var signature: [UInt8] { key.signed(message) }

    private func isAccepted(_ signature: [UInt8]) -> Bool {
        key.publicKey.verifies(signature, of: message)
    }

    @Test(arguments: 1...15)
    func scalarPlusMultipleOfTheOrderIsRefused(multiple: Int) {
        #expect(isAccepted(signature))
        var malleated = signature
        for _ in 0..<multiple {
            var carry = 0
            for index in 0..<32 {
                let sum = Int(malleated[32 + index]) + Int(Self.groupOrder[index]) + carry
                malleated[32 + index] = UInt8(sum & 255)
                carry = sum >> 8
            }
        }
        #expect(!isAccepted(malleated))
    }

    @Test(arguments: smallOrderEncodings)
    func smallOrderPointIsNoPublicKey(encoding: [UInt8]) {
        #expect(Ed25519PublicKey(array: encoding) == nil)
    }

    /// Encodings of y at or above the prime, which decode to a small y.
    @Test(arguments: UInt8(0)...18)
    func nonCanonicalEncodingIsNoPublicKey(addend: UInt8) {
        #expect(Ed25519PublicKey(array: Self.prime(plus: addend)) == nil)
        #expect(Ed25519PublicKey(array: Self.withSignBit(Self.prime(plus: addend))) == nil)
    }

    /// A point of the prime-order group plus one of small order decodes, but is not in the group.
    @Test(arguments: [
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    ])
    func pointOutsideOfThePrimeOrderGroupIsNoPublicKey(smallOrderPoint: String) {
        var mixed = [UInt8](repeating: 0, count: 32)
        #expect(crypto_core_ed25519_add(&mixed, key.publicKey.rawBytes, hex(smallOrderPoint)) == 0)
        #expect(Ed25519PublicKey(array: mixed) == nil)
    }

    @Test func pointOffTheCurveIsNoPublicKey() {
        let offTheCurve = [2] + [UInt8](repeating: 0, count: 31)
        #expect(Ed25519PublicKey(array: offTheCurve) == nil)
    }

    /// With R the neutral element, S = H(R, A, M)·a satisfies the equation for everybody who knows the key: another
    /// signature of the same message, which is not the one that signing makes.
    @Test(arguments: smallOrderEncodings)
    func smallOrderPointAsRIsRefusedEvenWhereTheEquationHolds(encoding: [UInt8]) {
        var digest = [UInt8](repeating: 0, count: 64)
        let hashed = encoding + key.publicKey.rawBytes + message
        crypto_hash_sha512(&digest, hashed, UInt64(hashed.count))
        var challenge = [UInt8](repeating: 0, count: 32)
        crypto_core_ed25519_scalar_reduce(&challenge, digest)

        var expandedSeed = [UInt8](repeating: 0, count: 64)
        crypto_hash_sha512(&expandedSeed, Ed25519Vector.published[2].seed, 32)
        var secretScalar = Array(expandedSeed.prefix(32))
        secretScalar[0] &= 248
        secretScalar[31] = secretScalar[31] & 127 | 64
        var scalar = [UInt8](repeating: 0, count: 32)
        crypto_core_ed25519_scalar_mul(&scalar, challenge, secretScalar)
        #expect(!isAccepted(encoding + scalar))
        #expect(!isAccepted(encoding + signature.suffix(32)))
    }

    @Test(arguments: UInt8(0)...18)
    func nonCanonicalRIsRefused(addend: UInt8) {
        #expect(!isAccepted(Self.prime(plus: addend) + signature.suffix(32)))
        #expect(!isAccepted(Self.withSignBit(Self.prime(plus: addend)) + signature.suffix(32)))
    }

    @Test func everyOtherLengthIsRefused() {
        for count in 0..<64 {
            #expect(!isAccepted(Array(signature.prefix(count))), "\(count) bytes")
        }
        #expect(isAccepted(signature))
        #expect(!isAccepted(signature + [0]))
        #expect(!isAccepted([0] + signature))
        #expect(!isAccepted(signature + signature))
    }

    @Test func rearrangedSignaturesAreRefused() {
        let pointR = Array(signature.prefix(32))
        let scalarS = Array(signature.suffix(32))
        let zeros = [UInt8](repeating: 0, count: 32)
        let ones = [UInt8](repeating: 0xFF, count: 32)
        #expect(isAccepted(pointR + scalarS))
        #expect(!isAccepted(scalarS + pointR))
        #expect(!isAccepted(signature.reversed()))
        #expect(!isAccepted(pointR + pointR))
        #expect(!isAccepted(pointR + zeros))
        #expect(!isAccepted(pointR + ones))
        #expect(!isAccepted(pointR + Self.groupOrder))
        #expect(!isAccepted(zeros + zeros))
        #expect(!isAccepted(ones + ones))
    }

    @Test func anotherKeyRefusesTheSignature() {
        let other = Ed25519SigningKey(seed: SecretBytes(Ed25519Vector.published[0].seed)).publicKey
        #expect(!other.verifies(signature, of: message))
    }
}
