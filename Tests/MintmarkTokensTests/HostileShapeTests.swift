import MintmarkCrypto
import Testing

@testable import MintmarkTokens

/// Tokens that are wrong before anything in them is understood.
@Suite struct HostileShapeTests {
    let issuer: TestIssuer
    let token: String
    let parts: [String]

    init() throws {
        issuer = try TestIssuer()
        token = issuer.token()
        parts = token.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    }

    @Test func goodTokenIsAccepted() {
        #expect(issuer.refusal(of: token) == nil)
    }

    @Test(arguments: ["", ".", "..", "...", "a", "a.b", "a.b.c.d"])
    func wrongNumberOfPartsIsMalformed(_ text: String) {
        #expect(issuer.refusal(of: text) == .malformed)
    }

    @Test func missingOrExtraPartIsMalformed() {
        #expect(issuer.refusal(of: "\(parts[0]).\(parts[1])") == .malformed)
        #expect(issuer.refusal(of: "\(token).") == .malformed)
        #expect(issuer.refusal(of: ".\(token)") == .malformed)
        #expect(issuer.refusal(of: "\(token).\(parts[2])") == .malformed)
        #expect(issuer.refusal(of: "\(token).\(parts[1]).\(parts[2])") == .malformed)
    }

    @Test func emptyPartIsRefused() {
        #expect(issuer.refusal(of: ".\(parts[1]).\(parts[2])") == .malformed)
        #expect(issuer.refusal(of: "\(parts[0])..\(parts[2])") == .signatureInvalid)
        #expect(issuer.refusal(of: "\(parts[0]).\(parts[1]).") == .signatureInvalid)
        let signed = TestIssuer.sign(issuer.header().bytes, [], key: issuer.active)
        #expect(issuer.refusal(of: signed) == .malformed)
    }

    @Test(arguments: [0, 1, 2])
    func paddingIsMalformed(_ part: Int) {
        for padding in ["=", "=="] {
            var parts = parts
            parts[part] += padding
            #expect(issuer.refusal(of: parts.joined(separator: ".")) == .malformed)
        }
    }

    /// A claims object whose text has the two characters that the alphabets write differently.
    @Test func standardBase64AlphabetIsMalformed() {
        let token = issuer.token(claims: TestIssuer.claims(["x": "\"~~~???>>>???\""]))
        #expect(issuer.refusal(of: token) == nil)
        for (character, other) in [("-", "+"), ("_", "/")] {
            let changed = token.replacing(character, with: other)
            #expect(changed != token)
            #expect(issuer.refusal(of: changed) == .malformed)
        }
    }

    @Test(arguments: [" ", "\n", "\r\n", "\t", "\u{0}", "\u{A0}", "\u{FEFF}", "\"", "%20"])
    func anythingBesideTheAlphabetIsMalformed(_ text: String) {
        for changed in [text + token, token + text, token.replacing(".", with: "." + text)] {
            #expect(issuer.refusal(of: changed) == .malformed)
        }
        #expect(
            issuer.refusal(of: "\(parts[0]).\(parts[1].prefix(8))\(text)\(parts[1].dropFirst(8)).\(parts[2])") != nil
        )
    }

    @Test(arguments: [0, 1, 2])
    func lengthOf4nPlus1IsMalformed(_ part: Int) {
        var parts = parts
        parts[part] = String(repeating: "A", count: 4 * 5 + 1)
        #expect(issuer.refusal(of: parts.joined(separator: ".")) == .malformed)
    }

    /// A signature of 64 bytes ends in a character with four unused bits: one spelling of sixteen is a token.
    @Test func onlyOneOfSixteenSignatureSpellingsIsAccepted() throws {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        let last = try #require(token.last.flatMap { alphabet.firstIndex(of: $0) })
        #expect(last.isMultiple(of: 16))
        for bits in 1..<16 {
            #expect(issuer.refusal(of: token.dropLast() + String(alphabet[last + bits])) == .malformed)
        }
    }

    /// Header or claims of 3n + 1 or 3n + 2 bytes end in a character with unused bits, too. The issuer itself signs the
    /// other spellings here, so that nothing but their spelling is wrong.
    @Test(arguments: [0, 1, 2], [true, false])
    func onlyOneSpellingOfHeaderAndClaimsIsAccepted(padding: Int, isHeader: Bool) throws {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        let pad = "\"\(String(repeating: "p", count: padding))\""
        let header = base64URL(issuer.header(["x": isHeader ? pad : "1"]).bytes)
        let claims = base64URL(TestIssuer.claims(["x": isHeader ? "1" : pad]).bytes)
        let part = isHeader ? header : claims
        let unusedBitsCount = [0: 0, 2: 4, 3: 2][part.count % 4] ?? 0
        let last = try #require(part.last.flatMap { alphabet.firstIndex(of: $0) })
        for bits in 0..<(1 << unusedBitsCount) {
            let spelling = part.dropLast() + String(alphabet[last + bits])
            let input = isHeader ? "\(spelling).\(claims)" : "\(header).\(spelling)"
            let token = "\(input).\(TestIssuer.signature(of: input, key: issuer.active))"
            #expect(issuer.refusal(of: token) == (bits == 0 ? nil : .malformed), "\(bits)")
        }
    }

    @Test func jsonSerializationIsMalformed() {
        let flattened =
            #"{"payload":"\#(parts[1])","protected":"\#(parts[0])","signature":"\#(parts[2])"}"#
        let general =
            #"{"payload":"\#(parts[1])","signatures":[{"protected":"\#(parts[0])","signature":"\#(parts[2])"}]}"#
        #expect(issuer.refusal(of: flattened) == .malformed)
        #expect(issuer.refusal(of: general) == .malformed)
    }

    @Test func encryptedTokenIsMalformed() {
        #expect(issuer.refusal(of: "\(parts[0]).\(parts[1]).\(parts[1]).\(parts[1]).\(parts[2])") == .malformed)
    }

    /// A token may have 8192 bytes. Claims and a header member fill up to every length; 4n + 1 does not occur in a part.
    @Test(arguments: [(8190, nil), (8191, nil), (8192, nil), (8193, TokenRefusal.oversize), (8194, .oversize)])
    func sizeIsLimited(length: Int, refusal: TokenRefusal?) throws {
        #expect(issuer.refusal(of: try Self.token(length: length, issuer: issuer)) == refusal)
    }

    @Test func oversizeComesBeforeAnyOtherCheck() {
        #expect(issuer.refusal(of: String(repeating: ".", count: 8192)) == .malformed)
        #expect(issuer.refusal(of: String(repeating: ".", count: 8193)) == .oversize)
        #expect(issuer.refusal(of: String(repeating: "=", count: 100_000)) == .oversize)
    }

    private static func token(length: Int, issuer: TestIssuer) throws -> String {
        for headerPadding in ["", "p", "pp"] {
            let header = issuer.header(["pad": "\"\(headerPadding)\""])
            let rest = length - base64URL(header.bytes).utf8.count - 88
            let claimsCount = rest * 3 / 4
            let padding = claimsCount - TestIssuer.claims(["pad": "\"\""]).utf8.count
            let claims = TestIssuer.claims(["pad": "\"\(String(repeating: "c", count: padding))\""])
            let token = issuer.token(header: header, claims: claims)
            if token.utf8.count == length { return token }
        }
        throw TokenLengthUnreachable()
    }

    private struct TokenLengthUnreachable: Error {}
}
