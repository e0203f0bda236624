import MintmarkCrypto

/// Signs access tokens with the active key of one ring. Immutable, so it is shared freely.
package final class TokenSigner: Sendable {
    package let keys: KeyRing
    package let profile: TokenProfile
    /// What the claims are to begin with: `iss`, and `sub` up to its opening quotation mark.
    package let claimsBeginning: [UInt8]
    private let headerText: [UInt8]
    private let beginning: [UInt8]
    private let signer: Ed25519PrefixedSigner

    package init(keys: KeyRing, profile: TokenProfile) {
        self.keys = keys
        self.profile = profile
        claimsBeginning = profile.claimsBeginning
        headerText = profile.headerText(for: keys.activeKey)
        beginning = CompactSerialization.beginning(headerText: headerText)
        signer = Ed25519PrefixedSigner(keys.signingKey, beginning: beginning)
    }

    /// The length of the token with the claims that `claims` wrote last.
    package func byteCount(of claims: borrowing ClaimsWriter) -> Int {
        CompactSerialization.byteCount(
            headerTextCount: headerText.count,
            payloadByteCount: claims.facts.claimsByteCount
        )
    }

    /// Writes the token with the claims that `claims` wrote last over the first bytes of `room`; returns how many they are.
    ///
    /// The claims should have been written with ``claimsBeginning``. Beside the signature itself the cost is that
    /// of encoding; nothing is allocated.
    /// - Parameter room: at least ``byteCount(of:)`` bytes. With fewer the process ends.
    /// - Throws: `TokenTooLarge`, with `room` as it was, when the token would be above `accessTokenLengthMax`.
    package func sign(
        _ claims: borrowing ClaimsWriter,
        into room: inout [UInt8]
    ) throws(TokenTooLarge) -> Int {
        let byteCount = byteCount(of: claims)
        guard byteCount <= TokenLimits.accessTokenLengthMax else { throw TokenTooLarge(byteCount: byteCount) }
        return claims.withClaims { payload in
            room.withOutput { output in
                CompactSerialization.append(beginning: beginning, payload: payload, signedWith: signer, to: &output)
            }
        }
    }
}

/// A token would be longer than `TokenLimits.accessTokenLengthMax`.
package struct TokenTooLarge: Error, Equatable, Sendable {
    /// The length it would have.
    package let byteCount: Int
}
