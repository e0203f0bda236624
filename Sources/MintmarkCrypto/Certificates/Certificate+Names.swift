import CLibCrypto

/// The names in a certificate that say whose it is (RFC 5280 section 4.2.1.6), each kind in the order of the
/// certificate. Immutable.
package struct SubjectNames: Sendable, Equatable {
    package var uris: [String]
    package var dnsNames: [String]
}

extension Certificate {
    /// The longest name that is taken over, in bytes.
    package static let nameByteCountMax = 2_048

    /// The certificate's subject alternative names: URIs and DNS names.
    ///
    /// Only names of printable ASCII count. A name with a zero byte, a space or anything beyond ASCII in it could be
    /// read as two different ones, and is left out; so is one that is too long. The subject's common name is none.
    package var subjectNames: SubjectNames {
        var names = SubjectNames(uris: [], dnsNames: [])
        guard let list = X509_get_ext_d2i(object, NID_subject_alt_name, nil, nil).map(OpaquePointer.init) else {
            ERR_clear_error()
            return names
        }
        defer { GENERAL_NAMES_free(list) }
        for index in 0..<max(0, OPENSSL_sk_num(list)) {
            guard let item = OPENSSL_sk_value(list, index)?.assumingMemoryBound(to: GENERAL_NAME.self) else { continue }
            var type: Int32 = 0
            guard let value = GENERAL_NAME_get0_value(item, &type) else { continue }
            switch type {
            case GEN_URI: Self.text(value).map { names.uris.append($0) }
            case GEN_DNS: Self.text(value).map { names.dnsNames.append($0) }
            default: break
            }
        }
        return names
    }

    /// Whether the certificate has subject alternative names of any kind.
    package var hasAlternativeNames: Bool { X509_get_ext_by_NID(object, NID_subject_alt_name, -1) >= 0 }

    /// Whether a DNS name is among the certificate's, wildcards included (RFC 9525). The common name does not count.
    package func isFor(dnsName: String) -> Bool {
        let flags = UInt32(X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS)
        defer { ERR_clear_error() }
        return X509_check_host(object, dnsName, dnsName.utf8.count, flags, nil) == 1
    }

    private static func text(_ value: UnsafeMutableRawPointer) -> String? {
        let string = UnsafePointer(value.assumingMemoryBound(to: ASN1_IA5STRING.self))
        let bytes = UnsafeBufferPointer(start: ASN1_STRING_get0_data(string), count: Int(ASN1_STRING_length(string)))
        guard (1...nameByteCountMax).contains(bytes.count), bytes.allSatisfy({ 0x21...0x7E ~= $0 }) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}
