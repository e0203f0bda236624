import CLibCrypto

/// An X.509 certificate (RFC 5280). Immutable; may be used on any thread.
///
/// Unchecked, because a pointer is not Sendable by itself: what `object` points to is not changed after `init`.
package final class Certificate: @unchecked Sendable {
    /// The longest certificate that is looked at, in bytes of DER.
    package static let byteCountMax = 65_536

    /// libcrypto's object. It counts its references atomically, and nothing here changes it.
    let object: OpaquePointer

    /// The DER bytes.
    package let bytes: [UInt8]

    /// Nil for anything but one certificate in DER.
    package convenience init?(bytes: [UInt8]) {
        LibCrypto.start()
        guard (1...Self.byteCountMax).contains(bytes.count) else { return nil }
        let object = bytes.withUnsafeBufferPointer { buffer -> OpaquePointer? in
            var place = buffer.baseAddress
            guard let object = d2i_X509(nil, &place, buffer.count) else { return nil }
            guard place == buffer.baseAddress?.advanced(by: buffer.count) else {
                X509_free(object)
                return nil
            }
            return object
        }
        ERR_clear_error()
        guard let object else { return nil }
        self.init(owning: object, bytes: bytes)
    }

    private init(owning object: OpaquePointer, bytes: [UInt8]) {
        self.object = object
        self.bytes = bytes
    }

    deinit {
        X509_free(object)
    }

    /// SHA-256 of the DER bytes.
    package var fingerprint: [UInt8] {
        let bytes = bytes
        var digest: [UInt8] = []
        SHA256.hash(bytes.span.bytes, appendingTo: &digest)
        return digest
    }

    /// The first second at which the certificate is valid, counted from 1970; nil where that cannot be told.
    package var validFrom: Int64? { Self.seconds(X509_get0_notBefore(object)) }

    /// The last second at which the certificate is valid, counted from 1970; nil where that cannot be told.
    package var validThrough: Int64? { Self.seconds(X509_get0_notAfter(object)) }

    /// Whether its purposes and the uses of its key, where it lists them, are those of a TLS server (RFC 5280 sections
    /// 4.2.1.3 and 4.2.1.12).
    package var isForServers: Bool {
        defer { ERR_clear_error() }
        return X509_check_purpose(object, X509_PURPOSE_SSL_SERVER, 0) == 1
    }

    private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64? {
        var parts = tm()
        guard let time, ASN1_TIME_to_tm(time, &parts) == 1 else { return nil }
        return Int64(timegm(&parts))
    }
}

extension Certificate {
    /// All certificates in a PEM file, in its order; nil if it holds none, or something that is not one.
    ///
    /// Text between the blocks is skipped, as is usual in bundles.
    package static func readPEM(_ file: [UInt8]) -> [Certificate]? {
        LibCrypto.start()
        defer { ERR_clear_error() }
        return file.withUnsafeBytes { (file) -> [Certificate]? in
            guard let source = BIO_new_mem_buf(file.baseAddress, Int32(clamping: file.count)) else { return nil }
            defer { BIO_free(source) }
            return readAll(from: source)
        }
    }

    private static func readAll(from source: OpaquePointer) -> [Certificate]? {
        var certificates: [Certificate] = []
        while let object = PEM_read_bio_X509(source, nil, { _, _, _, _ in 0 }, nil) {
            guard let bytes = encoding(of: object) else {
                X509_free(object)
                return nil
            }
            certificates.append(Certificate(owning: object, bytes: bytes))
        }
        // The end of the file is the only reason to stop that is none to refuse it.
        let reason = ERR_GET_REASON(ERR_peek_last_error())
        return reason == PEM_R_NO_START_LINE && !certificates.isEmpty ? certificates : nil
    }

    private static func encoding(of object: OpaquePointer) -> [UInt8]? {
        let count = i2d_X509(object, nil)
        guard (1...Int32(byteCountMax)).contains(count) else { return nil }
        return [UInt8](unsafeUninitializedCapacity: Int(count)) { buffer, filled in
            var place = buffer.baseAddress
            filled = Int(max(0, i2d_X509(object, &place)))
        }
    }
}
