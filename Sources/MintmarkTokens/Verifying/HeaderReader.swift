import MintmarkCrypto

/// Reads what a verifier needs from a JOSE header (RFC 7515 section 4).
struct HeaderReader {
    private var hasKnownAlgorithm = false
    private var hasRefusedMember = false
    private var hasExpectedType = false
    private var keyID: JSONText?

    /// Judges a decoded header; returns the index of the keys it names.
    ///
    /// Members that are not mentioned here are ignored, as RFC 7515 section 4 demands.
    /// - Throws: `malformed`, `algorithmRefused`, `headerRefused`, `typeRefused`, `keyUnknown`, in this order.
    static func read(
        _ header: RawSpan,
        type: [UInt8],
        keys: VerifyingKeys,
        memory: inout ReaderMemory
    ) throws(TokenRefusal) -> Int {
        guard header.byteCount <= TokenLimits.headerLengthMax else { throw .malformed }
        do {
            try JSONScanner.scan(header, depthMax: TokenLimits.headerDepthMax, into: &memory.json)
        } catch {
            throw .malformed
        }
        var reader = HeaderReader()
        for member in memory.json.members {
            guard let name = memory.json.withName(member.name, in: header, { Name($0) }) else { continue }
            reader.take(name, member.value, from: header, type: type, unescaped: &memory.unescaped)
        }
        guard reader.hasKnownAlgorithm else { throw .algorithmRefused }
        guard !reader.hasRefusedMember else { throw .headerRefused }
        guard reader.hasExpectedType else { throw .typeRefused }
        guard let keyID = reader.keyID else { throw .keyUnknown }
        let index = keyID.withBytes(in: header, unescaped: &memory.unescaped) { keyID in
            keyID.byteCount <= TokenLimits.keyIDLengthMax ? keys.index(ofKeyID: keyID) : nil
        }
        guard let index else { throw .keyUnknown }
        return index
    }

    private mutating func take(
        _ name: Name,
        _ value: JSONValue,
        from header: RawSpan,
        type: [UInt8],
        unescaped: inout [UInt8]
    ) {
        switch name {
        case .algorithm:
            hasKnownAlgorithm =
                value.text?.withBytes(in: header, unescaped: &unescaped) { algorithm in
                    KeyRing.Algorithm.allCases.contains { algorithm.hasSameBytes(as: $0.name) }
                } ?? false
        case .type:
            hasExpectedType =
                value.text?.withBytes(in: header, unescaped: &unescaped) { text in
                    text.hasSameBytes(as: type.span.bytes)
                } ?? false
        case .keyID:
            keyID = value.text
        case .refused:
            hasRefusedMember = true
        }
    }
}

extension HeaderReader {
    /// The members that matter.
    private enum Name {
        case algorithm
        case type
        case keyID
        /// Members that move trust into the token, or change what is signed: `crit` and with it every extension,
        /// embedded keys and certificates and their addresses, compression, and unencoded payloads (RFC 7797).
        case refused

        init?(_ name: RawSpan) {
            if name.hasSameBytes(as: "alg") {
                self = .algorithm
            } else if name.hasSameBytes(as: "typ") {
                self = .type
            } else if name.hasSameBytes(as: "kid") {
                self = .keyID
            } else if Self.isRefused(name) {
                self = .refused
            } else {
                return nil
            }
        }

        private static func isRefused(_ name: RawSpan) -> Bool {
            name.hasSameBytes(as: "crit") || name.hasSameBytes(as: "jwk") || name.hasSameBytes(as: "jku")
                || name.hasSameBytes(as: "x5u") || name.hasSameBytes(as: "x5c") || name.hasSameBytes(as: "zip")
                || name.hasSameBytes(as: "b64")
        }
    }
}
