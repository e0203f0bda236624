/// Known-answer tests of what this module is trusted with, against published vectors.
///
/// Meant to run once at start: a broken or mismatched cryptographic library must stop a program before it signs anything.
package enum SelfTest {
    /// A function that did not give its published answer. Nothing in this module may be used then.
    package enum Failure: Error, Equatable {
        /// The public key or the signature of RFC 8032 §7.1, test 3.
        case signing
        /// That signature was refused, or the same one with a flipped bit was accepted.
        case verification
        /// Keyed BLAKE2b, of the reference implementation's test vectors.
        case messageAuthentication
        /// XChaCha20-Poly1305, of draft-irtf-cfrg-xchacha A.3, or a changed message was accepted.
        case authenticatedEncryption
        /// SHA-256 of "abc", FIPS 180-4.
        case digest
        /// SipHash-2-4, of its paper's appendix A.
        case tableHash
    }

    /// Runs all tests, in well under a millisecond. Throws the first failure.
    package static func run() throws(Failure) {
        try run(against: Vectors())
    }

    static func run(against vectors: Vectors) throws(Failure) {
        try checkSignatures(vectors)
        guard isMessageAuthenticationRight(vectors) else { throw .messageAuthentication }
        guard isAuthenticatedEncryptionRight(vectors) else { throw .authenticatedEncryption }
        guard isDigestRight(vectors) else { throw .digest }
        guard isTableHashRight(vectors) else { throw .tableHash }
    }

    private static func checkSignatures(_ vectors: Vectors) throws(Failure) {
        let key = Ed25519SigningKey(seed: secret(vectors.seed))
        guard key.publicKey.rawBytes == vectors.publicKey else { throw .signing }

        var signature: [UInt8] = []
        key.sign(vectors.message.span.bytes, appendingTo: &signature)
        guard signature == vectors.signature else { throw .signing }
        let signer = Ed25519PrefixedSigner(key, beginning: [vectors.message[0]])
        let prefixed = signer.signature(of: vectors.message.span.bytes)
        guard (0..<signature.count).allSatisfy({ prefixed[$0] == signature[$0] }) else { throw .signing }

        guard let publicKey = Ed25519PublicKey(vectors.publicKey.span.bytes) else { throw .verification }
        var forged = vectors.signature
        forged[0] ^= 1
        let acceptsGenuine = publicKey.verifies(
            signature: vectors.signature.span.bytes,
            message: vectors.message.span.bytes
        )
        let acceptsForged = publicKey.verifies(signature: forged.span.bytes, message: vectors.message.span.bytes)
        guard acceptsGenuine && !acceptsForged else { throw .verification }
    }

    private static func isMessageAuthenticationRight(_ vectors: Vectors) -> Bool {
        let authenticator = KeyedBLAKE2b(key: secret(vectors.authenticationKey), tagByteCount: 64)
        var tag: [UInt8] = []
        authenticator.authenticate(vectors.authenticatedMessage.span.bytes, appendingTo: &tag)
        return tag == vectors.authenticationTag
    }

    private static func isAuthenticatedEncryptionRight(_ vectors: Vectors) -> Bool {
        let cipher = AEAD(key: secret(vectors.encryptionKey))
        let additionalData = vectors.additionalData
        var sealed: [UInt8] = []
        cipher.seal(
            vectors.plaintext.span.bytes,
            additionalData: additionalData.span.bytes,
            random: Replay(bytes: vectors.nonce),
            appendingTo: &sealed
        )
        guard sealed == vectors.nonce + vectors.ciphertext else { return false }

        var opened: [UInt8] = []
        guard
            cipher.open(sealed.span.bytes, additionalData: additionalData.span.bytes, appendingTo: &opened),
            opened == vectors.plaintext
        else { return false }
        sealed[vectors.nonce.count] ^= 1
        return !cipher.open(sealed.span.bytes, additionalData: additionalData.span.bytes, appendingTo: &opened)
    }

    private static func isDigestRight(_ vectors: Vectors) -> Bool {
        var digest: [UInt8] = []
        SHA256.hash(vectors.digestedMessage.span.bytes, appendingTo: &digest)
        return digest == vectors.digest
    }

    private static func isTableHashRight(_ vectors: Vectors) -> Bool {
        let hash = SipHash(random: Replay(bytes: vectors.tableHashKey))
        return hash.hash(vectors.tableHashMessage.span.bytes) == vectors.tableHash
    }

    /// A published test key in the form that the tested functions take. Vectors are no secrets.
    private static func secret(_ bytes: [UInt8]) -> SecretBytes {
        SecretBytes(count: bytes.count) { $0.copyBytes(from: bytes) }
    }

    /// Hands out published bytes where a random source is asked for.
    private struct Replay: RandomSource {
        let bytes: [UInt8]

        func fill(_ target: UnsafeMutableRawBufferPointer) {
            precondition(target.count == bytes.count, "a vector of \(bytes.count) bytes, not \(target.count)")
            target.copyBytes(from: bytes)
        }
    }
}
