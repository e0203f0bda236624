import NIOSSL

extension SignatureAlgorithm {
    /// What signatures of callers are taken, in handshakes and in certificates (RFC 8446 section 4.2.3; RSA's with PKCS1 in
    /// certificates only): what the library takes by itself but for SHA-1, and Ed25519, which all other keys here are of. A
    /// caller whose certificate is of another kind sends none.
    static let ofCertificates: [SignatureAlgorithm] = [
        .ecdsaSecp256R1Sha256, .rsaPssRsaeSha256, .rsaPkcs1Sha256,
        .ecdsaSecp384R1Sha384, .rsaPssRsaeSha384, .rsaPkcs1Sha384,
        .rsaPssRsaeSha512, .rsaPkcs1Sha512,
        .ed25519,
    ]
}
