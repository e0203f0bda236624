import MintmarkCrypto

/// Reads the Ed25519 keys of a JWK Set (RFC 7517 section 5, RFC 8037 section 2).
///
/// The set is one strict JSON object. Keys of another type, curve, use or algorithm are somebody else's and are left
/// out; an Ed25519 signing key that is not as it should be spoils the set, and so does a private one.
package enum JSONWebKeySet {
    /// Greatest set that is looked at, in bytes.
    package static let byteCountMax = 64 * 1024
    /// Most Ed25519 keys in one set.
    package static let keysMax = 64

    package enum Fault: Error, Equatable, Sendable {
        case tooLong
        /// Not one strict JSON object.
        case json(JSONError)
        /// There is no array `keys` of objects.
        case noKeys
        case tooManyKeys
        /// The key at this place, from 0, has no usable `kid`, or its `x` is no point of the group.
        case key(Int)
        /// The key at this place is a private one.
        case privateKey(Int)
        /// The key at this place has the `kid` of another before it.
        case keyIDRepeated(Int)
    }

    package static func read(_ document: RawSpan) throws(Fault) -> [TrustedIssuer.Key] {
        guard document.byteCount <= byteCountMax else { throw .tooLong }
        var scratch = JSONScratch()
        try scan(document, into: &scratch)
        let set = scratch.members.first { member in
            scratch.withName(member.name, in: document) { $0.hasSameBytes(as: "keys") }
        }
        guard let set, set.value.kind == .array else { throw .noKeys }
        var keys: [TrustedIssuer.Key] = []
        var cursor = JSONElementCursor(array: set.value.range, depthMax: TokenLimits.claimsDepthMax)
        var place = 0
        while let element = try next(of: &cursor, in: document) {
            guard element.kind == .object else { throw .noKeys }
            if let key = try key(document.extracting(element.range), at: place, into: &scratch) {
                guard keys.count < keysMax else { throw .tooManyKeys }
                guard !keys.contains(where: { $0.keyID == key.keyID }) else { throw .keyIDRepeated(place) }
                keys.append(key)
            }
            place += 1
        }
        return keys
    }

    private static func scan(_ document: RawSpan, into scratch: inout JSONScratch) throws(Fault) {
        do throws(JSONError) {
            try JSONScanner.scan(document, depthMax: TokenLimits.claimsDepthMax, into: &scratch)
        } catch {
            throw .json(error)
        }
    }

    private static func next(
        of cursor: inout JSONElementCursor,
        in document: RawSpan
    ) throws(Fault) -> JSONValue? {
        do throws(JSONError) {
            return try cursor.next(in: document)
        } catch {
            throw .json(error)
        }
    }

    /// The key that one element describes; nil for one that is not an Ed25519 key for signatures.
    private static func key(
        _ element: RawSpan,
        at place: Int,
        into scratch: inout JSONScratch
    ) throws(Fault) -> TrustedIssuer.Key? {
        try scan(element, into: &scratch)
        let members = Members(scratch, of: element)
        guard members.text("kty") == Array("OKP".utf8), members.text("crv") == Array("Ed25519".utf8) else { return nil }
        guard !members.has("d") else { throw .privateKey(place) }
        guard members.isForSignatures else { return nil }
        guard let keyID = members.text("kid"), (1...TokenLimits.keyIDLengthMax).contains(keyID.count),
            let coordinate = members.text("x")
        else { throw .key(place) }
        var bytes: [UInt8] = []
        guard Base64URL.decode(coordinate.span.bytes, appendingTo: &bytes),
            let publicKey = Ed25519PublicKey(bytes.span.bytes)
        else { throw .key(place) }
        return TrustedIssuer.Key(keyID: keyID, publicKey: publicKey)
    }
}

extension JSONWebKeySet {
    /// The members of one key, texts with their escapes resolved.
    private struct Members {
        private var values: [(name: [UInt8], kind: JSONValue.Kind, text: [UInt8]?)] = []

        init(_ scratch: JSONScratch, of element: RawSpan) {
            for member in scratch.members {
                let name = scratch.withName(member.name, in: element) { $0.withUnsafeBytes { Array($0) } }
                var text: [UInt8]?
                if let value = member.value.text {
                    var bytes: [UInt8] = []
                    value.appendUnescaped(from: element, to: &bytes)
                    text = bytes
                }
                values.append((name, member.value.kind, text))
            }
        }

        func has(_ name: String) -> Bool {
            values.contains { $0.name == Array(name.utf8) }
        }

        func text(_ name: String) -> [UInt8]? {
            values.first { $0.name == Array(name.utf8) }?.text
        }

        /// What `use` and `alg` say, where they are there (RFC 7517 sections 4.2 and 4.4).
        var isForSignatures: Bool {
            let isUseRight = !has("use") || text("use") == Array("sig".utf8)
            let names = ["EdDSA", "Ed25519"].map { Array($0.utf8) }
            return isUseRight && (!has("alg") || text("alg").map(names.contains) == true)
        }
    }
}
