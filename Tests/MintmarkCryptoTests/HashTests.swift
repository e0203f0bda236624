import Testing

@testable import MintmarkCrypto

@Suite struct HashTests {
    /// Of the reference implementation's `vectors_sip64`: key and input count up from 0.
    @Test(arguments: [
        (UInt8(0), UInt64(0x726F_DB47_DD0E_0E31)), (1, 0x74F8_39C5_93DC_67FD), (7, 0xAB02_00F5_8B01_D137),
        (8, 0x93F5_F579_9A93_2462), (15, 0xA129_CA61_49BE_45E5), (16, 0x3F2A_CC7F_57C2_9BDB),
        (63, 0x958A_324C_EB06_4572),
    ])
    func sipHashGivesThePublishedHashes(count: UInt8, expected: UInt64) {
        let hash = SipHash(random: FixedRandom(bytes: Array(0..<16)))
        let message = Array(0..<count)
        let result = hash.hash(message.span.bytes)
        #expect(result == expected)
    }

    @Test func sipHashDependsOnItsKey() {
        let message: [UInt8] = [1, 2, 3]
        let first = SipHash(random: SystemRandom()).hash(message.span.bytes)
        let second = SipHash(random: SystemRandom()).hash(message.span.bytes)
        #expect(first != second)
    }

    /// FIPS 180-4's examples, and the one of a million letters.
    @Test(arguments: [
        ("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        ("a", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ])
    func sha256GivesThePublishedDigests(text: String, repetitions: Int, expected: String) {
        let message = Array(String(repeating: text, count: repetitions).utf8)
        var output: [UInt8] = [1]
        SHA256.hash(message.span.bytes, appendingTo: &output)
        #expect(output == [1] + hex(expected))
    }

    @Test(
        arguments: [
            ([], [], true), ([1], [1], true), ([1], [2], false), ([1], [], false), ([], [1], false),
            ([1, 2], [1], false),
            ([1, 2, 3], [1, 2, 3], true), ([1, 2, 3], [1, 2, 4], false), ([0, 0], [0, 0, 0], false),
        ] as [([UInt8], [UInt8], Bool)]
    )
    func constantTimeEqualityIsEquality(left: [UInt8], right: [UInt8], expected: Bool) {
        let result = ConstantTime.equal(left.span.bytes, right.span.bytes)
        #expect(result == expected)
    }
}
