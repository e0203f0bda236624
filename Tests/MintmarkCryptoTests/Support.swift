import MintmarkTestSupport
import Testing

@testable import MintmarkCrypto

/// The bytes that a text of hexadecimal digits stands for; white space is skipped.
func hex(_ text: String) -> [UInt8] {
    let digits = text.filter { !$0.isWhitespace }.compactMap(\.hexDigitValue)
    precondition(digits.count.isMultiple(of: 2), "half a byte in hexadecimal digits")
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

extension SecretBytes {
    /// A secret that is none: a test vector, a test passphrase.
    convenience init(_ bytes: [UInt8]) {
        self.init(count: bytes.count) { $0.copyBytes(from: bytes) }
    }

    /// As above, of the UTF-8 bytes of `text`.
    convenience init(_ text: String) {
        self.init(Array(text.utf8))
    }

    /// A copy of the bytes, to compare.
    var copy: [UInt8] {
        withBytes { bytes in bytes.withUnsafeBytes { Array($0) } }
    }
}

// `#expect` cannot take spans as arguments, so these take arrays.

extension RandomSource {
    /// `count` bytes of the source.
    func bytes(count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        bytes.withUnsafeMutableBytes { fill($0) }
        return bytes
    }
}

extension Ed25519PublicKey {
    /// The key that `bytes` encode.
    init?(array bytes: [UInt8]) {
        self.init(bytes.span.bytes)
    }

    /// Whether `signature` is this key's signature of `message`.
    func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        verifies(signature: signature.span.bytes, message: message.span.bytes)
    }
}

extension Ed25519SigningKey {
    /// The signature of `message`.
    func signed(_ message: [UInt8]) -> [UInt8] {
        var signature: [UInt8] = []
        sign(message.span.bytes, appendingTo: &signature)
        return signature
    }
}

/// A source that starts again from its seed with every call.
struct SeededRandom: RandomSource {
    let seed: UInt64

    func fill(_ bytes: UnsafeMutableRawBufferPointer) {
        var generator = SeededGenerator(seed: seed)
        bytes.copyBytes(from: generator.bytes(count: bytes.count))
    }
}

/// A source that hands out given bytes.
struct FixedRandom: RandomSource {
    let bytes: [UInt8]

    func fill(_ target: UnsafeMutableRawBufferPointer) {
        precondition(target.count == bytes.count, "asked for \(target.count) bytes, not \(bytes.count)")
        target.copyBytes(from: bytes)
    }
}
