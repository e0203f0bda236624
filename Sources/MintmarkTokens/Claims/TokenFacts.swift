/// What a token says, read once and judged as often as it is shown: the facts, never a verdict.
///
/// A plain value without references. Texts are slices of the token's *text*: the claims object's bytes, followed by
/// whatever the claims hold in another form (the list of audiences; texts that are escaped there).
package struct TokenFacts: Equatable, Sendable, BitwiseCopyable {
    /// `exp`, in seconds since 1970.
    package internal(set) var expiresAt: UInt64 = 0
    /// `nbf`, or 0 when the token has none.
    package internal(set) var notBefore: UInt64 = 0
    /// `iat`, in seconds since 1970.
    package internal(set) var issuedAt: UInt64 = 0
    /// The 16 bytes of `sid` as a big-endian number, or nil when the token belongs to no session.
    package internal(set) var sessionID: UInt128?
    /// Whether another issuer made it, one that is trusted. Its sessions are none of ours, whatever `sid` says.
    package internal(set) var isForeign = false
    /// Length of the claims object, which the text begins with.
    package internal(set) var claimsByteCount = 0
    /// `sub`.
    package internal(set) var subject = TextSlice()
    /// `client_id`; empty when the token has none.
    package internal(set) var clientID = TextSlice()
    /// `aud` as an `AudienceList`.
    package internal(set) var audiences = TextSlice()

    /// A part of a token's text.
    package struct TextSlice: Equatable, Sendable, BitwiseCopyable {
        private var offset: UInt32 = 0
        private var count: UInt32 = 0

        package init() {}

        init(_ range: Range<Int>) {
            offset = UInt32(range.lowerBound)
            count = UInt32(range.count)
        }

        package var range: Range<Int> { Int(offset)..<Int(offset) + Int(count) }
    }
}
