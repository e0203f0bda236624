import CLibCrypto

/// Why a certificate that was presented does not count.
package enum CertificateFault: Error, Sendable, Equatable, CaseIterable {
    /// No authority that is trusted vouches for it.
    case unknownAuthority
    /// It, or one above it, has expired.
    case expired
    /// It, or one above it, is not valid yet.
    case notValidYet
    /// It is none, or a signature, a purpose, a key or the chain is not as it must be.
    case unfit
}

/// The authorities that vouch for callers. Immutable; may be used on any thread.
///
/// Unchecked, because a pointer is not Sendable by itself: libcrypto's store is not changed after `init`, and locks what
/// it does inside.
package final class CertificateAuthorities: @unchecked Sendable {
    /// The most certificates that may stand between a caller's and an authority's.
    package static let chainDepthMax = 8

    /// 112 bits: RSA from 2 048 bits, no SHA-1.
    private static let securityLevel: Int32 = 2

    /// The fingerprints of the authorities.
    package let fingerprints: Set<[UInt8]>

    /// libcrypto's store. It locks itself, and nothing here changes it once it is filled.
    private let store: OpaquePointer

    /// Trusts each of these certificates, whether it signed itself or not.
    package init(_ certificates: [Certificate]) {
        LibCrypto.start()
        guard let store = X509_STORE_new() else {
            preconditionFailure("libcrypto has no memory left")
        }
        for certificate in certificates {
            X509_STORE_add_cert(store, certificate.object)
        }
        ERR_clear_error()
        self.store = store
        fingerprints = Set(certificates.map(\.fingerprint))
    }

    deinit {
        X509_STORE_free(store)
    }

    /// Judges the certificate of a caller at a moment, in seconds since 1970.
    ///
    /// - Parameters:
    ///   - leaf: the caller's own.
    ///   - others: certificates that may stand in between, in any order. They prove nothing by themselves.
    /// - Returns: The fingerprint of the authority that vouches for it.
    package func judge(
        _ leaf: Certificate,
        others: [Certificate],
        atSeconds seconds: Int64
    ) throws(CertificateFault) -> [UInt8] {
        guard let context = X509_STORE_CTX_new(), let chain = OPENSSL_sk_new_null() else {
            preconditionFailure("libcrypto has no memory left")
        }
        defer {
            X509_STORE_CTX_free(context)
            OPENSSL_sk_free(chain)
            ERR_clear_error()
        }
        for certificate in others {
            OPENSSL_sk_push(chain, UnsafeRawPointer(certificate.object))
        }
        guard X509_STORE_CTX_init(context, store, leaf.object, chain) == 1 else { throw .unfit }
        X509_STORE_CTX_set_purpose(context, X509_PURPOSE_SSL_CLIENT)
        X509_STORE_CTX_set_flags(context, UInt(X509_V_FLAG_PARTIAL_CHAIN))
        X509_STORE_CTX_set_time(context, 0, Int(seconds))
        let parameters = X509_STORE_CTX_get0_param(context)
        X509_VERIFY_PARAM_set_depth(parameters, Int32(Self.chainDepthMax))
        X509_VERIFY_PARAM_set_auth_level(parameters, Self.securityLevel)
        guard X509_verify_cert(context) == 1 else { throw Self.fault(X509_STORE_CTX_get_error(context)) }
        return try Self.authority(context)
    }

    private static func authority(_ context: OpaquePointer) throws(CertificateFault) -> [UInt8] {
        guard let chain = X509_STORE_CTX_get0_chain(context),
            let last = OPENSSL_sk_value(chain, OPENSSL_sk_num(chain) - 1)
        else { throw .unfit }
        var digest = [UInt8](repeating: 0, count: SHA256.byteCount)
        var count: UInt32 = 0
        guard X509_digest(OpaquePointer(last), EVP_sha256(), &digest, &count) == 1 else { throw .unfit }
        return digest
    }

    private static func fault(_ code: Int32) -> CertificateFault {
        switch code {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            .expired
        case X509_V_ERR_CERT_NOT_YET_VALID:
            .notValidYet
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
            X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_CERT_UNTRUSTED:
            .unknownAuthority
        default:
            .unfit
        }
    }
}
