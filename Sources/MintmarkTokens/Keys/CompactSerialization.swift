import MintmarkCrypto

/// Writes JSON Web Signatures in compact serialization (RFC 7515 section 7.1).
enum CompactSerialization {
    static let separator = UInt8(ascii: ".")
    /// Length of an Ed25519 signature in base64url, in characters.
    static var signatureTextCount: Int { Base64URL.encodedCount(Ed25519SigningKey.signatureByteCount) }

    /// Length of a token, in bytes.
    static func byteCount(headerTextCount: Int, payloadByteCount: Int) -> Int {
        headerTextCount + 1 + Base64URL.encodedCount(payloadByteCount) + 1 + signatureTextCount
    }

    /// What the tokens with one JOSE header begin with: the header in base64url, and the separator.
    static func beginning(headerText: [UInt8]) -> [UInt8] { headerText + [separator] }

    /// Appends `header.payload.signature`, for which there must be room.
    ///
    /// - Parameter beginning: what `signer` was made with.
    @inline(__always)
    static func append(
        beginning: [UInt8],
        payload: RawSpan,
        signedWith signer: Ed25519PrefixedSigner,
        to output: inout OutputSpan<UInt8>
    ) {
        let start = output.count
        output.append(copying: beginning.span.bytes)
        Base64URL.encode(payload, appendingTo: &output)
        let signature = signer.signature(of: output.span.bytes.extracting(start..<output.count))
        output.append(separator)
        Base64URL.encode(signature.span.bytes, appendingTo: &output)
    }
}
