/// Texts of a token that facts do not hold, as UTF-8. Immutable.
package struct TokenTexts: Sendable, Equatable {
    /// `iss`.
    package fileprivate(set) var issuer: [UInt8] = []
    /// `scope`: scope-tokens with spaces between them; nil: the token has none, or one that is no text.
    package fileprivate(set) var scope: [UInt8]?
}

/// Copies of what a token says, for those who tell it onwards.
extension VerifyScratch {
    /// `sub` of the token verified last.
    package func subject(of facts: TokenFacts) -> [UInt8] { bytes(facts.subject.range) }

    /// `client_id` of the token verified last; empty when the token has none.
    package func clientID(of facts: TokenFacts) -> [UInt8] { bytes(facts.clientID.range) }

    /// `aud` of the token verified last: one item or more, as UTF-8.
    package func audiences(of facts: TokenFacts) -> [[UInt8]] {
        let list = bytes(facts.audiences.range)
        var audiences: [[UInt8]] = []
        var offset = 0
        while let item = AudienceList.item(at: offset, in: list.span.bytes) {
            audiences.append(Array(list[item]))
            offset = item.upperBound
        }
        return audiences
    }

    /// What else the token verified last says, its escapes resolved. Reads the claims once more.
    package mutating func texts(of facts: TokenFacts) -> TokenTexts {
        let claims = bytes(0..<facts.claimsByteCount)
        do throws(JSONError) {
            try JSONScanner.scan(claims.span.bytes, depthMax: TokenLimits.claimsDepthMax, into: &memory.json)
        } catch {
            preconditionFailure("claims that were read before are no JSON object: \(error)")
        }
        var texts = TokenTexts()
        for member in memory.json.members {
            let claim = memory.json.withName(member.name, in: claims.span.bytes) { RegisteredClaim(name: $0) }
            guard claim == .scope || claim == .issuer, let text = member.value.text else { continue }
            var value: [UInt8] = []
            text.appendUnescaped(from: claims.span.bytes, to: &value)
            if claim == .scope {
                texts.scope = value
            } else {
                texts.issuer = value
            }
        }
        return texts
    }

    private func bytes(_ range: Range<Int>) -> [UInt8] { Array(text[range]) }
}
