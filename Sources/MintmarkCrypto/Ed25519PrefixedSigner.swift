import CLibCrypto
import CSodium

/// Signs messages that all begin with the same bytes, with what those have in common computed once.
///
/// The signatures are those of ``Ed25519SigningKey``, bit for bit. Two things are not done for each message: hashing the
/// seed, and hashing the prefix and the common beginning for the nonce (RFC 8032 §5.1.6, steps 1 and 2). The curve and
/// its scalars are libsodium's; SHA-512 is libcrypto's, which has code for the processor at hand and takes three fifths of
/// the time. Immutable, safe to share between threads; takes constant time for messages of one length, and allocates
/// nothing.
package struct Ed25519PrefixedSigner: Sendable {
    private let key: Ed25519SigningKey
    private let beginning: [UInt8]
    /// SHA-512 after the prefix and the beginning. Who knows it can compute nonces, and so the key.
    private let nonceHash: SecretBytes
    /// Whether the prefix is still to be hashed with each message, for want of a whole block.
    private let keepsPrefix: Bool

    /// What SHA-512 may leave on the stack: libcrypto's does not wipe the block that it works on.
    private static let hashStackByteCountMax = 4_096

    package init(_ key: Ed25519SigningKey, beginning: [UInt8]) {
        self.key = key
        self.beginning = beginning
        keepsPrefix = 32 + beginning.count < Int(SHA512_CBLOCK)
        nonceHash = SecretBytes(count: MemoryLayout<SHA512_CTX>.size) { bytes in
            let state = bytes.bindMemory(to: SHA512_CTX.self).baseAddress
            guard let state else { preconditionFailure("guarded memory has no address") }
            key.withParts { _, _, prefix in
                _ = SHA512_Init(state)
                _ = SHA512_Update(state, prefix, 32)
                _ = SHA512_Update(state, beginning, beginning.count)
            }
        }
        sodium_stackzero(Self.hashStackByteCountMax)
    }

    /// The signature of `message`, which must begin with the common beginning.
    ///
    /// The process stops if it does not: two messages would share a nonce, and that gives the key away.
    package func signature(of message: RawSpan) -> Ed25519Signature {
        precondition(begins(message), "a message without the common beginning")
        var signature = Ed25519Signature(repeating: 0)
        signature.withUnsafeMutableCharacters { target in
            message.withUnsafeCharacters { start in
                guard let start else { return }
                SigningMemory.withNew { sign(start, count: message.byteCount, into: target, $0) }
                if keepsPrefix {
                    sodium_stackzero(Self.hashStackByteCountMax)
                }
            }
        }
        return signature
    }

    private func begins(_ message: RawSpan) -> Bool {
        guard message.byteCount >= beginning.count else { return false }
        return message.extracting(0..<beginning.count).hasSameBytes(as: beginning.span.bytes)
    }

    private func sign(
        _ message: UnsafePointer<UInt8>,
        count: Int,
        into signature: UnsafeMutablePointer<UInt8>,
        _ memory: SigningMemory
    ) {
        let point = signature
        let scalar = signature + 32
        nonceHash.withUnsafeBytes { bytes in
            UnsafeMutableRawPointer(memory.hash).copyMemory(from: bytes, byteCount: nonceHash.count)
        }
        let rest = message + beginning.count
        _ = SHA512_Update(memory.hash, rest, count - beginning.count)
        _ = SHA512_Final(memory.digest, memory.hash)
        crypto_core_ed25519_scalar_reduce(memory.nonce, memory.digest)
        let isPoint = crypto_scalarmult_ed25519_base_noclamp(point, memory.nonce) == 0
        precondition(isPoint, "a nonce of zero")

        key.withParts { publicKey, secretScalar, _ in
            _ = SHA512_Init(memory.hash)
            _ = SHA512_Update(memory.hash, point, 32)
            _ = SHA512_Update(memory.hash, publicKey, 32)
            _ = SHA512_Update(memory.hash, message, count)
            _ = SHA512_Final(memory.digest, memory.hash)
            crypto_core_ed25519_scalar_reduce(memory.product, memory.digest)
            crypto_core_ed25519_scalar_mul(memory.product, memory.product, secretScalar)
        }
        crypto_core_ed25519_scalar_add(scalar, memory.product, memory.nonce)
    }
}

/// The working memory of one signature, on the stack and wiped at its end.
private struct SigningMemory {
    let hash: UnsafeMutablePointer<SHA512_CTX>
    let digest: UnsafeMutablePointer<UInt8>
    let nonce: UnsafeMutablePointer<UInt8>
    let product: UnsafeMutablePointer<UInt8>

    private static let hashByteCount = MemoryLayout<SHA512_CTX>.size
    private static let byteCount = hashByteCount + 64 + 32 + 32

    @inline(__always)
    static func withNew(_ body: (SigningMemory) -> Void) {
        withUnsafeTemporaryAllocation(byteCount: byteCount, alignment: 16) { bytes in
            guard let start = bytes.baseAddress else { return }
            let characters = (start + hashByteCount).assumingMemoryBound(to: UInt8.self)
            body(
                SigningMemory(
                    hash: start.bindMemory(to: SHA512_CTX.self, capacity: 1),
                    digest: characters,
                    nonce: characters + 64,
                    product: characters + 96
                )
            )
            sodium_memzero(start, byteCount)
        }
    }
}
