import CLibCrypto

/// The PKCS#8 structure of an Ed25519 private key (`PrivateKeyInfo`, RFC 5208 §5; RFC 8410 §7).
enum PrivateKeyInfo {
    /// Everything before the seed: version 0, the object identifier 1.3.101.112 without parameters, and an octet string
    /// within an octet string.
    private static let prefix: [UInt8] = [
        0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
    ]

    /// The encoding of `key`, which RFC 8410 fixes to the byte.
    static func encode(_ key: Ed25519SigningKey) -> SecretBytes {
        SecretBytes(count: prefix.count + Ed25519SigningKey.seedByteCount) { target in
            target.copyBytes(from: prefix)
            key.withSeed { seed in
                let seed = UnsafeRawBufferPointer(start: seed, count: Ed25519SigningKey.seedByteCount)
                UnsafeMutableRawBufferPointer(rebasing: target[prefix.count...]).copyMemory(from: seed)
            }
        }
    }

    /// The seed within `info`.
    static func seed(of info: SecretBytes) throws(KeyFileError) -> SecretBytes {
        try LibCrypto.call { () throws(KeyFileError) in
            let decoded = try decode(info)
            // Wipes its copy of the key.
            defer { PKCS8_PRIV_KEY_INFO_free(decoded) }

            var algorithm: OpaquePointer?
            var parameters: UnsafePointer<X509_ALGOR>?
            var key: UnsafePointer<UInt8>?
            var keyByteCount: Int32 = 0
            guard
                PKCS8_pkey_get0(&algorithm, &key, &keyByteCount, &parameters, decoded) == 1,
                let key, let parameters
            else { throw .malformed }
            guard OBJ_obj2nid(algorithm) == NID_ED25519 else { throw .wrongAlgorithm }

            // RFC 8410: no parameters, and the seed as an octet string of its own (tag 4, length 32).
            let expectedByteCount = Int32(2 + Ed25519SigningKey.seedByteCount)
            guard
                parameters.pointee.parameter == nil,
                keyByteCount == expectedByteCount, key[0] == 4, key[1] == UInt8(Ed25519SigningKey.seedByteCount)
            else { throw .malformed }
            return SecretBytes(count: Ed25519SigningKey.seedByteCount) { target in
                target.copyMemory(from: UnsafeRawBufferPointer(start: key + 2, count: target.count))
            }
        }
    }

    /// libcrypto's form of `info`, which the caller frees.
    static func decode(_ info: SecretBytes) throws(KeyFileError) -> OpaquePointer {
        let decoded = info.withUnsafeBytes { start in
            var end: UnsafePointer<UInt8>? = start
            let decoded = d2i_PKCS8_PRIV_KEY_INFO(nil, &end, info.count)
            guard end == start + info.count else {
                PKCS8_PRIV_KEY_INFO_free(decoded)
                return OpaquePointer?.none
            }
            return decoded
        }
        guard let decoded else { throw .malformed }
        return decoded
    }
}
