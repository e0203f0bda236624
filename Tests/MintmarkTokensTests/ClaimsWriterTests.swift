import Foundation
import MintmarkCrypto
import MintmarkTestSupport
import Testing

@testable import MintmarkTokens

/// The texts of a token, owned, as arguments of `ClaimsWriter.write`.
struct TokenContent: Sendable {
    var subject = "user-1"
    var audiences = ["api"]
    var clientID = "local"
    var scope = ""
    var customClaims = ""
    var issuedAt = TestIssuer.now
    var expiresAt = TestIssuer.now + 300
    var sessionID: UInt128?

    func write(issuer: String = TestIssuer.name, to writer: inout ClaimsWriter) {
        var list: [UInt8] = []
        for audience in audiences {
            let bytes = audience.bytes
            AudienceList.append(bytes.span.bytes, to: &list)
        }
        let beginning = TokenProfile(issuer: issuer.bytes).claimsBeginning
        let (subject, clientID) = (subject.bytes, clientID.bytes)
        let (scope, customClaims) = (scope.bytes, customClaims.bytes)
        writer.write(
            beginning: beginning.span.bytes,
            subject: subject.span.bytes,
            audiences: list.span.bytes,
            clientID: clientID.span.bytes,
            scope: scope.span.bytes,
            customClaims: customClaims.span.bytes,
            issuedAt: issuedAt,
            expiresAt: expiresAt,
            sessionID: sessionID
        )
    }

    func claims(random: any RandomSource = FixedRandom(bytes: [0])) -> String {
        var writer = ClaimsWriter(random: random)
        write(to: &writer)
        return String(decoding: writer.claims, as: UTF8.self)
    }
}

@Suite struct ClaimsWriterTests {
    @Test func membersComeInOrder() {
        let minimal = TokenContent(clientID: "", issuedAt: 0, expiresAt: 1)
        #expect(
            minimal.claims()
                == #"{"iss":"https://issuer.example","sub":"user-1","aud":"api","iat":0,"exp":1,"#
                + #""jti":"AAAAAAAAAAAAAAAAAAAAAA"}"#
        )
        let full = TokenContent(
            audiences: ["api", "web", "x"],
            scope: "read write",
            customClaims: #" { "role" : "admin", "n": [1, 2] } "#,
            expiresAt: .max,
            sessionID: 0x0102_0304_0506_0708_090A_0B0C_0D0E_0F10
        )
        #expect(
            full.claims()
                == #"{"iss":"https://issuer.example","sub":"user-1","aud":["api","web","x"],"client_id":"local","#
                + #""scope":"read write","iat":1767225600,"exp":18446744073709551615,"#
                + #""jti":"AAAAAAAAAAAAAAAAAAAAAA","sid":"AQIDBAUGBwgJCgsMDQ4PEA","role" : "admin", "n": [1, 2] }"#
        )
    }

    @Test(arguments: ["", "{}", " { } ", "{\n}"])
    func emptyCustomClaimsAddNothing(_ claims: String) {
        #expect(TokenContent(customClaims: claims).claims() == TokenContent().claims())
    }

    @Test(arguments: ["\"", "\\", "\u{0}", "\u{1F}", "\n\t\r\u{8}\u{C}", "é€𝄞", "a\"b", "</script>", "\u{7F}\u{2028}"])
    func textIsEscapedAndReadBack(_ text: String) throws {
        for padding in 0..<9 {
            let text = String(repeating: "x", count: padding) + text + String(repeating: "y", count: 9 - padding)
            let content = TokenContent(subject: text, audiences: [text, "a"], clientID: text, scope: text)
            let value = try JSONSerialization.jsonObject(with: Data(content.claims().utf8))
            let claims = try #require(value as? [String: Any])
            #expect(claims["sub"] as? String == text)
            #expect(claims["aud"] as? [String] == [text, "a"])
            #expect(claims["client_id"] as? String == text)
            #expect(claims["scope"] as? String == text)
        }
    }

    /// Wherever it stands in the text, and however long that is.
    @Test(arguments: 1...40)
    func noCharacterIsOverlooked(length: Int) throws {
        for position in 0..<length {
            var text = [UInt8](repeating: UInt8(ascii: "x"), count: length)
            text[position] = UInt8(ascii: "\\")
            let content = TokenContent(subject: String(decoding: text, as: UTF8.self))
            let value = try JSONSerialization.jsonObject(with: Data(content.claims().utf8))
            let claims = try #require(value as? [String: Any])
            #expect(claims["sub"] as? String == content.subject)
        }
    }

    /// The room for claims grows, and keeps nothing of those before.
    @Test func textsMayBeLongAndShortAgain() {
        var writer = ClaimsWriter(random: FixedRandom(bytes: [0]))
        let control = String(repeating: "\u{1}", count: 20_000)
        TokenContent(subject: control, audiences: [control, control]).write(to: &writer)
        let escaped = String(repeating: #"\u0001"#, count: 20_000)
        #expect(
            String(decoding: writer.claims, as: UTF8.self)
                .contains(#""sub":"\#(escaped)","aud":["\#(escaped)","\#(escaped)"],"client_id""#)
        )
        TokenContent().write(to: &writer)
        #expect(String(decoding: writer.claims, as: UTF8.self) == TokenContent().claims())
        #expect(writer.withText { $0.byteCount } == writer.facts.audiences.range.upperBound)
    }

    /// What is reserved for all that is no text suffices, whatever the texts: who could make a token longer than its room
    /// could stop the server.
    @Test func theRoomForNamesAndNumbersSuffices() {
        var writer = ClaimsWriter(random: FixedRandom(bytes: [0]))
        let text = "\u{1}"
        let content = TokenContent(
            subject: text,
            audiences: [text, text],
            clientID: text,
            scope: text,
            customClaims: #"{"a":1}"#,
            issuedAt: .max,
            expiresAt: .max,
            sessionID: .max
        )
        content.write(issuer: text, to: &writer)
        let beginning = TokenProfile(issuer: text.bytes).claimsBeginning
        // Each of the five other texts is one byte, and becomes as many as a byte can.
        let textByteCount = 5 * JSONEscaping.growthMax + content.customClaims.utf8.count
        #expect(writer.claims.count - beginning.count - textByteCount <= ClaimsText.fixedByteCountMax)
    }

    @Test(arguments: [0, 1, 9, 10, 99, 100, 1_767_225_600, 9_999_999_999, .max - 1, .max] as [UInt64])
    func timesAreWrittenWhole(seconds: UInt64) {
        var writer = ClaimsWriter(random: FixedRandom(bytes: [0]))
        for (issuedAt, expiresAt) in [(0, 0), (seconds, seconds), (7, seconds), (seconds, 7), (7, seconds)] {
            TokenContent(issuedAt: issuedAt, expiresAt: expiresAt).write(to: &writer)
            #expect(
                String(decoding: writer.claims, as: UTF8.self).contains(#","iat":\#(issuedAt),"exp":\#(expiresAt),"#)
            )
        }
    }

    /// What the writer remembers of a token is what a verifier reads from it.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func factsAreThoseAVerifierReads(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let issuer = try TestIssuer()
        var writer = ClaimsWriter(random: SeededRandom(seed: seed))
        for _ in 0..<50 {
            let content = TokenContent.random(using: &generator)
            content.write(to: &writer)
            let token = try issuer.signer.token(writer)
            var scratch = VerifyScratch()
            let facts = try issuer.verifier.read(token.span.bytes, scratch: &scratch)
            let text = writer.withText { text in text.withUnsafeBytes { Array($0) } }
            #expect(resolve(facts, scratch.text) == resolve(writer.facts, text))
            #expect(scratch.withClaims(of: facts) { $0.withUnsafeBytes { Array($0) } } == writer.claims)
        }
    }

    private func resolve(_ facts: TokenFacts, _ text: [UInt8]) -> [String] {
        [
            "\(facts.expiresAt) \(facts.notBefore) \(facts.issuedAt) \(String(describing: facts.sessionID))",
            "\(facts.claimsByteCount)",
            "\(text[facts.subject.range])", "\(text[facts.clientID.range])", "\(text[facts.audiences.range])",
        ]
    }

    @Test func tokenIDsDifferAndAreDrawnInBlocks() {
        let random = SeededRandom(seed: 7)
        var writer = ClaimsWriter(random: random)
        var claims: Set<[UInt8]> = []
        for _ in 0..<1000 {
            TokenContent().write(to: &writer)
            claims.insert(writer.claims)
        }
        #expect(claims.count == 1000)
        #expect(random.fillCount == 16)
    }
}

extension TokenContent {
    static func random(using generator: inout SeededGenerator) -> TokenContent {
        let texts = [
            "x", "user-1", "a \"quoted\" one", "é€𝄞", "back\\slash", "tab\t", String(repeating: "long", count: 60),
        ]
        func text(_ generator: inout SeededGenerator) -> String { texts.randomElement(using: &generator) ?? "" }
        var content = TokenContent(subject: text(&generator))
        content.audiences = (0..<Int.random(in: 1...5, using: &generator)).map { _ in text(&generator) }
        content.clientID = Bool.random(using: &generator) ? text(&generator) : ""
        content.scope = Bool.random(using: &generator) ? text(&generator) : ""
        content.customClaims =
            ["", "{}", #"{"a":{"sub":1}}"#, #"{"\u0061":"\n"}"#].randomElement(using: &generator) ?? ""
        content.issuedAt = UInt64.random(in: 0...TestIssuer.now, using: &generator)
        content.expiresAt = UInt64.random(in: content.issuedAt...(1 << 63 - 1), using: &generator)
        content.sessionID = Bool.random(using: &generator) ? UInt128.random(in: 0 ... .max, using: &generator) : nil
        return content
    }
}
