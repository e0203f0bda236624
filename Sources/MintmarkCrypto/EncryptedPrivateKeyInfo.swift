import CLibCrypto

/// The PKCS#8 structure around an encrypted private key (`EncryptedPrivateKeyInfo`, RFC 5958 §3), encrypted with a
/// passphrase (RFC 8018).
enum EncryptedPrivateKeyInfo {
    /// How often PBKDF2 iterates in files that are written here: what OWASP recommends for HMAC-SHA-256.
    static let iterationCount = 600_000

    /// How often a passphrase may have to be iterated in files that are read: some seconds' worth. Whoever reads one waits
    /// for that, and so does whatever waits for the reader.
    static let iterationCountMax = 5_000_000

    private static let saltByteCount = 16
    private static let blockByteCount = 16

    /// The `PrivateKeyInfo` within the encoded `info`.
    static func decrypt(_ info: SecretBytes, passphrase: SecretBytes) throws(KeyFileError) -> SecretBytes {
        try LibCrypto.call { () throws(KeyFileError) in
            let decoded = try decode(info)
            defer { X509_SIG_free(decoded) }
            var algorithm: UnsafePointer<X509_ALGOR>?
            var encrypted: UnsafePointer<ASN1_OCTET_STRING>?
            X509_SIG_get0(decoded, &algorithm, &encrypted)
            guard let algorithm, let encrypted else { throw .malformed }

            guard iterationCount(of: algorithm.pointee) <= iterationCountMax else { throw .tooManyIterations }

            let context = EVP_CIPHER_CTX_new()
            defer { EVP_CIPHER_CTX_free(context) }
            let isReady = passphrase.withUnsafeText { text, count in
                let algorithm = algorithm.pointee
                return EVP_PBE_CipherInit(algorithm.algorithm, text, count, algorithm.parameter, context, 0) == 1
            }
            guard isReady else { throw .unsupportedEncryption }
            return try decrypt(encrypted, with: context)
        }
    }

    /// What the parameters of PBES2 with PBKDF2 or scrypt, or of an older scheme, say (RFC 8018 appendix A, RFC 7914 section
    /// 7); 0 where they say nothing of the kind.
    private static func iterationCount(of algorithm: X509_ALGOR) -> Int {
        guard OBJ_obj2nid(algorithm.algorithm) == NID_pbes2 else {
            return iterationCount(in: algorithm.parameter, PBEPARAM_it()) { (scheme: PBEPARAM) in [scheme.iter] }
        }
        guard let unpacked = ASN1_TYPE_unpack_sequence(PBE2PARAM_it(), algorithm.parameter) else { return 0 }
        let parameters = unpacked.assumingMemoryBound(to: PBE2PARAM.self)
        defer { PBE2PARAM_free(parameters) }
        guard let function = parameters.pointee.keyfunc else { return 0 }
        let parameter = function.pointee.parameter
        return switch OBJ_obj2nid(function.pointee.algorithm) {
        case NID_id_pbkdf2:
            iterationCount(in: parameter, PBKDF2PARAM_it()) { (function: PBKDF2PARAM) in [function.iter] }
        case NID_id_scrypt:
            // Blocks that are mixed, each of which takes about as long.
            iterationCount(in: parameter, SCRYPT_PARAMS_it()) { (function: SCRYPT_PARAMS) in
                [function.costParameter, function.blockSize, function.parallelizationParameter]
            }
        default: 0
        }
    }

    /// The product of the numbers; what does not fit is more than any bound.
    private static func iterationCount<Parameters>(
        in parameter: UnsafeMutablePointer<ASN1_TYPE>?,
        _ item: OpaquePointer?,
        _ factors: (Parameters) -> [UnsafeMutablePointer<ASN1_INTEGER>?]
    ) -> Int {
        guard let unpacked = ASN1_TYPE_unpack_sequence(item, parameter) else { return 0 }
        let parameters = unpacked.assumingMemoryBound(to: Parameters.self)
        defer { ASN1_item_free(OpaquePointer(unpacked), item) }
        var count = 1
        for factor in factors(parameters.pointee) {
            var number: Int64 = 0
            guard ASN1_INTEGER_get_int64(&number, factor) == 1 else { return .max }
            let (product, overflows) = count.multipliedReportingOverflow(by: Int(number))
            guard !overflows else { return .max }
            count = product
        }
        return count
    }

    private static func decrypt(
        _ encrypted: UnsafePointer<ASN1_OCTET_STRING>,
        with context: OpaquePointer?
    ) throws(KeyFileError) -> SecretBytes {
        let encryptedByteCount = ASN1_STRING_length(encrypted)
        var updatedByteCount: Int32 = 0
        var finalByteCount: Int32 = 0
        // libcrypto may write a block more than it was given.
        let padded = try SecretBytes(
            characterCount: Int(encryptedByteCount) + Int(EVP_MAX_BLOCK_LENGTH)
        ) { (start) throws(KeyFileError) in
            let source = ASN1_STRING_get0_data(encrypted)
            guard
                EVP_CipherUpdate(context, start, &updatedByteCount, source, encryptedByteCount) == 1,
                EVP_CipherFinal_ex(context, start + Int(updatedByteCount), &finalByteCount) == 1,
                updatedByteCount + finalByteCount > 0
            else { throw .wrongPassphrase }
        }
        return SecretBytes(count: Int(updatedByteCount + finalByteCount)) { target in
            padded.withUnsafeBytes { start in
                target.copyMemory(from: UnsafeRawBufferPointer(start: start, count: target.count))
            }
        }
    }

    /// libcrypto's form of `info`, which the caller frees.
    private static func decode(_ info: SecretBytes) throws(KeyFileError) -> OpaquePointer {
        let decoded = info.withUnsafeBytes { start in
            var end: UnsafePointer<UInt8>? = start
            let decoded = d2i_X509_SIG(nil, &end, info.count)
            guard end == start + info.count else {
                X509_SIG_free(decoded)
                return OpaquePointer?.none
            }
            return decoded
        }
        guard let decoded else { throw .malformed }
        return decoded
    }

    /// The encoding of `info` encrypted with `passphrase`, under a salt and an initialisation vector from `random`.
    static func encrypt(
        _ info: SecretBytes,
        passphrase: SecretBytes,
        random: some RandomSource,
        iterationCount: Int = iterationCount
    ) throws(KeyFileError) -> [UInt8] {
        try LibCrypto.call { () throws(KeyFileError) in
            let decoded = try PrivateKeyInfo.decode(info)
            // Wipes its copy of the key.
            defer { PKCS8_PRIV_KEY_INFO_free(decoded) }

            let algorithm = algorithm(random: random, iterationCount: iterationCount)
            let encrypted = passphrase.withUnsafeText { text, count in
                PKCS8_set0_pbe(text, count, decoded, algorithm)
            }
            guard let encrypted else {
                X509_ALGOR_free(algorithm)
                throw .unsupportedEncryption
            }
            // Owns `algorithm` from here on.
            defer { X509_SIG_free(encrypted) }
            return encode(encrypted)
        }
    }

    private static func algorithm(
        random: some RandomSource,
        iterationCount: Int
    ) -> UnsafeMutablePointer<X509_ALGOR>? {
        var drawn = [UInt8](repeating: 0, count: saltByteCount + blockByteCount)
        drawn.withUnsafeMutableBytes { random.fill($0) }
        return drawn.withUnsafeMutableBufferPointer { drawn in
            guard let salt = drawn.baseAddress else { return nil }
            return PKCS5_pbe2_set_iv(
                EVP_aes_256_cbc(),
                Int32(iterationCount),
                salt,
                Int32(saltByteCount),
                salt + saltByteCount,
                NID_hmacWithSHA256
            )
        }
    }

    private static func encode(_ encrypted: OpaquePointer) -> [UInt8] {
        var output: [UInt8] = []
        output.append(capacity: Int(i2d_X509_SIG(encrypted, nil))) { start in
            var end: UnsafeMutablePointer<UInt8>? = start
            return Int(i2d_X509_SIG(encrypted, &end))
        }
        return output
    }
}

extension SecretBytes {
    /// Lends the bytes to a C call that takes a text with its length.
    fileprivate func withUnsafeText<Result>(_ body: (UnsafePointer<CChar>, Int32) -> Result) -> Result {
        withUnsafeBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self, capacity: count) { body($0, Int32(count)) }
        }
    }
}
