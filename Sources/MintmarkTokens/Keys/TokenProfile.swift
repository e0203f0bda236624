import MintmarkCrypto

/// What the tokens of this server have in common: who issues them, and their type.
package struct TokenProfile: Equatable, Sendable {
    /// `iss`, UTF-8.
    package let issuer: [UInt8]
    /// `typ` of the header, UTF-8: `at+jwt` (RFC 9068 section 2.1) unless configured otherwise.
    package let type: [UInt8]

    package init(issuer: [UInt8], type: [UInt8] = Array("at+jwt".utf8)) {
        self.issuer = issuer
        self.type = type
    }

    /// What all claims begin with: `iss`, and `sub` up to its opening quotation mark.
    var claimsBeginning: [UInt8] {
        var beginning: [UInt8] = []
        beginning.append(#"{"iss":""#)
        beginning.append(escaping: issuer)
        beginning.append(#"","sub":""#)
        return beginning
    }

    /// The base64url text of the JOSE header that is written for `key`.
    func headerText(for key: KeyRing.Key) -> [UInt8] {
        headerText(keyID: key.keyID, algorithm: key.algorithm)
    }

    /// The base64url text of the JOSE header that names a key by `keyID`, UTF-8.
    func headerText(keyID: [UInt8], algorithm: KeyRing.Algorithm) -> [UInt8] {
        var header: [UInt8] = []
        header.append(#"{"alg":""#)
        header.append(algorithm.name)
        header.append(#"","typ":""#)
        header.append(escaping: type)
        header.append(#"","kid":""#)
        header.append(escaping: keyID)
        header.append(#""}"#)
        var text: [UInt8] = []
        Base64URL.encode(header.span.bytes, appendingTo: &text)
        return text
    }
}

extension [UInt8] {
    /// Appends `text`, which must be UTF-8, as the inside of a JSON string.
    fileprivate mutating func append(escaping text: [UInt8]) {
        append(addingCapacity: JSONEscaping.growthMax * text.count) { output in
            _ = JSONEscaping.append(text.span.bytes, to: &output)
        }
    }
}
