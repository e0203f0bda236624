/// A REFRESH: where in the bytes of the request its parts are. Their form has been checked, the token's has not.
package struct SessionRefresh: Equatable, Sendable {
    package var token: Range<Int>

    /// A part of the session's audience; nil: all of it.
    package var audience: Range<Int>?

    /// A part of the session's scope; nil: all of it.
    package var scope: Range<Int>?
    package var context: Range<Int>?
    package var accessTokenTTLSeconds: UInt32?

    package init(token: Range<Int>) {
        self.token = token
    }
}
