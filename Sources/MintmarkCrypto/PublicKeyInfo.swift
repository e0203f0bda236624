import CLibCrypto

/// The structure of an Ed25519 public key in a key file (`SubjectPublicKeyInfo`, RFC 8410 §4).
enum PublicKeyInfo {
    /// The key within the encoded `info`.
    static func publicKey(of info: SecretBytes) throws(KeyFileError) -> Ed25519PublicKey {
        try LibCrypto.call { () throws(KeyFileError) in
            let decoded = info.withUnsafeBytes { start in
                var end: UnsafePointer<UInt8>? = start
                let decoded = d2i_X509_PUBKEY(nil, &end, info.count)
                guard end == start + info.count else {
                    X509_PUBKEY_free(decoded)
                    return OpaquePointer?.none
                }
                return decoded
            }
            guard let decoded else { throw .malformed }
            defer { X509_PUBKEY_free(decoded) }
            return try publicKey(of: decoded)
        }
    }

    private static func publicKey(of decoded: OpaquePointer) throws(KeyFileError) -> Ed25519PublicKey {
        var algorithm: OpaquePointer?
        var parameters: UnsafeMutablePointer<X509_ALGOR>?
        var key: UnsafePointer<UInt8>?
        var keyByteCount: Int32 = 0
        guard X509_PUBKEY_get0_param(&algorithm, &key, &keyByteCount, &parameters, decoded) == 1 else {
            throw .malformed
        }
        guard OBJ_obj2nid(algorithm) == NID_ED25519 else { throw .wrongAlgorithm }
        let bytes = UnsafeRawBufferPointer(start: key, count: Int(keyByteCount))
        guard
            parameters?.pointee.parameter == nil,
            let publicKey = Ed25519PublicKey(bytes.bytes)
        else { throw .malformed }
        return publicKey
    }
}
