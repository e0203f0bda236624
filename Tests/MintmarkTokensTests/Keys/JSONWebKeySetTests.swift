import MintmarkCrypto
import Testing

@testable import MintmarkTokens

@Suite("JWK Sets of others")
struct JSONWebKeySetTests {
    static func coordinate(_ number: UInt8) -> String { base64URL(TestIssuer.key(number).publicKey.rawBytes) }

    static func key(_ number: UInt8 = 1, _ more: String = "", keyID: String = "a") -> String {
        #"{"kty":"OKP","crv":"Ed25519","x":"\#(coordinate(number))","kid":"\#(keyID)"\#(more)}"#
    }

    static func read(_ text: String) throws(JSONWebKeySet.Fault) -> [TrustedIssuer.Key] {
        let bytes = text.bytes
        return try JSONWebKeySet.read(bytes.span.bytes)
    }

    @Test func whatThisProgramPublishesIsRead() throws {
        let issuer = try TestIssuer()
        let published = issuer.keys.jwks
        let keys = try JSONWebKeySet.read(published.span.bytes)
        let expected = issuer.keys.keys.filter(\.state.isTrusted)
        #expect(keys.map(\.keyID) == expected.map(\.keyID))
        #expect(keys.map(\.publicKey) == expected.map(\.publicKey))
    }

    @Test(arguments: [
        "", #","use":"sig""#, #","alg":"EdDSA""#, #","alg":"Ed25519""#, #","x5t":[1,{"kty":"RSA"}],"other":null"#,
    ])
    func goodKeys(more: String) throws {
        #expect(try Self.read(#"{"keys":[\#(Self.key(1, more))]}"#).count == 1)
    }

    /// Somebody else's keys, which are left out.
    @Test(arguments: [
        #"{"kty":"RSA","n":"AQAB","e":"AQAB","kid":"r"}"#,
        #"{"kty":"EC","crv":"P-256","x":"AA","y":"AA","kid":"e","d":"secret"}"#,
        #"{"kty":"OKP","crv":"X25519","x":"AA","kid":"x"}"#,
        #"{"kty":"OKP","crv":"Ed448","x":"AA","kid":"x"}"#,
        #"{"kty":1}"#, #"{}"#, #"{"kid":"a"}"#,
        key(2, #","use":"enc""#), key(2, #","use":1"#), key(2, #","alg":"RS256""#), key(2, #","alg":"none""#),
        key(2, #","alg":null"#),
    ])
    func keysForSomethingElseAreLeftOut(key: String) throws {
        let keys = try Self.read(#"{"keys":[\#(key),\#(Self.key(1, keyID: "mine"))]}"#)
        #expect(keys.map(\.keyID) == ["mine".bytes])
    }

    @Test(arguments: [
        (#"{"kty":"OKP","crv":"Ed25519","x":"AAAA","kid":"a"}"#, JSONWebKeySet.Fault.key(0)),
        (#"{"kty":"OKP","crv":"Ed25519","kid":"a"}"#, .key(0)),
        (#"{"kty":"OKP","crv":"Ed25519","x":"\#(coordinate(1))"}"#, .key(0)),
        (#"{"kty":"OKP","crv":"Ed25519","x":"\#(coordinate(1))=","kid":"a"}"#, .key(0)),
        // A point of small order.
        (#"{"kty":"OKP","crv":"Ed25519","x":"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","kid":"a"}"#, .key(0)),
        (key(1, keyID: ""), .key(0)),
        (key(1, keyID: String(repeating: "k", count: 65)), .key(0)),
        (key(1, #","d":"AA""#), .privateKey(0)),
        (key(1) + "," + key(2), .keyIDRepeated(1)),
        (#""key""#, .noKeys), ("[]", .noKeys), ("1", .noKeys),
    ])
    func badKeysSpoilTheSet(keys: String, fault: JSONWebKeySet.Fault) {
        #expect(throws: fault) { try Self.read(#"{"keys":[\#(keys)]}"#) }
    }

    @Test(arguments: [
        (#"{}"#, JSONWebKeySet.Fault.noKeys), (#"{"keys":{}}"#, .noKeys), (#"{"key":[]}"#, .noKeys),
        (#"[]"#, .json(JSONError(.notAnObject, at: 0))), ("", .json(JSONError(.truncated, at: 0))),
        (#"{"keys":[]"#, .json(JSONError(.truncated, at: 10))),
        (#"{"keys":[],"keys":[]}"#, .json(JSONError(.duplicateName, at: 11))),
        (#"{"keys":[{"kid":"a","kid":"b"}]}"#, .json(JSONError(.duplicateName, at: 20))),
        (#"{"keys":[]} x"#, .json(JSONError(.trailingBytes, at: 12))),
    ])
    func badSets(text: String, fault: JSONWebKeySet.Fault) {
        #expect(throws: fault) { try Self.read(text) }
    }

    @Test func limits() throws {
        let keys = (0..<JSONWebKeySet.keysMax).map { Self.key(1, keyID: "k\($0)") }
        #expect(try Self.read(#"{"keys":[\#(keys.joined(separator: ","))]}"#).count == JSONWebKeySet.keysMax)
        let more = (keys + [Self.key(1, keyID: "more")]).joined(separator: ",")
        #expect(throws: JSONWebKeySet.Fault.tooManyKeys) { try Self.read(#"{"keys":[\#(more)]}"#) }
        let longest = #"{"keys":[]}"# + String(repeating: " ", count: JSONWebKeySet.byteCountMax - 11)
        #expect(try Self.read(longest).isEmpty)
        #expect(throws: JSONWebKeySet.Fault.tooLong) { try Self.read(longest + " ") }
        #expect(try Self.read(#"{"keys":[\#(Self.key(1, keyID: String(repeating: "k", count: 64)))]}"#).count == 1)
    }
}
