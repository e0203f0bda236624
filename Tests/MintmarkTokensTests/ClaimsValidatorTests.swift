import Testing

@testable import MintmarkTokens

@Suite struct ClaimsValidatorTests {
    static func error(_ claims: String) -> ClaimsError? {
        var validator = ClaimsValidator()
        let bytes = claims.bytes
        do {
            try validator.validate(bytes.span.bytes)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: RegisteredClaim.allCases)
    func registeredNameIsReserved(_ claim: RegisteredClaim) throws {
        let name = try #require(Self.names[claim])
        #expect(claim.rawValue == name)
        let escaped = name.utf8.map { "\\u00" + String($0, radix: 16) }.joined()
        #expect(Self.error("{\"a\":1,\"\(name)\":null}") == .reserved(claim, offset: 7))
        #expect(Self.error("{\"\(escaped)\":null}") == .reserved(claim, offset: 1))
        #expect(Self.error("{\"a\":{\"\(name)\":null}}") == nil)
        #expect(Self.error("{\"\(name.uppercased())\":null}") == nil)
        #expect(Self.error("{\"\(name)x\":null,\"\(name.dropLast())\":null}") == nil)
    }

    static let names: [RegisteredClaim: String] = [
        .issuer: "iss", .subject: "sub", .audience: "aud", .expiresAt: "exp", .notBefore: "nbf", .issuedAt: "iat",
        .tokenID: "jti", .clientID: "client_id", .sessionID: "sid", .scope: "scope",
    ]

    @Test func lengthIsLimited() {
        for (count, isAllowed) in [(4095, true), (4096, true), (4097, false)] {
            let claims = "{\"a\":\"\(String(repeating: "x", count: count - 8))\"}"
            #expect(claims.utf8.count == count)
            #expect(Self.error(claims) == (isAllowed ? nil : .tooLong(byteCount: count)))
        }
    }

    @Test func depthIsLimited() {
        for (levels, isAllowed) in [(15, true), (16, true), (17, false)] {
            let claims = "{\"a\":\(JSONTables.nested(levels - 1))}"
            #expect(Self.error(claims) == (isAllowed ? nil : .invalid(JSONError(.tooDeep, at: 21 - 1))))
        }
    }

    @Test func errorSaysWhere() {
        #expect(Self.error(#"{"a":1,"a":2}"#) == .duplicate(offset: 7))
        #expect(Self.error(#"{"x":{"a":1,"\u0061":2}}"#) == .duplicate(offset: 12))
        #expect(Self.error(#"{"a":tru}"#) == .invalid(JSONError(.unexpectedByte, at: 8)))
    }

    @Test func syntaxComesBeforeNamesAndDuplicatesBeforeReservedNames() {
        #expect(Self.error(#"{"sub":1,"sub":2"#) == .invalid(JSONError(.truncated, at: 16)))
        #expect(Self.error(#"{"sub":1,"sub":2}"#) == .duplicate(offset: 9))
        #expect(Self.error(#"{"sub":1,"a":2,"a":3}"#) == .duplicate(offset: 15))
    }

    @Test func validatorIsUsableAfterAnError() throws {
        var validator = ClaimsValidator()
        for claims in [#"{"a":{"b":1,"b":2}}"#, #"{"a":"#, #"{"sub":1}"#] {
            let bytes = claims.bytes
            do {
                try validator.validate(bytes.span.bytes)
                Issue.record("\(claims) was accepted")
            } catch {}
            let good = #"{"b":1}"#.bytes
            try validator.validate(good.span.bytes)
        }
    }
}
