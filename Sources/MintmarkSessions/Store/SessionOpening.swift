/// An OPEN: where in the bytes of the request its parts are. Their form has been checked.
package struct SessionOpening: Equatable, Sendable {
    package var subject: Range<Int>

    /// Items of a u16 length, big-endian, and as many bytes.
    package var audience: Range<Int>
    package var scope: Range<Int>?
    package var claims: Range<Int>?
    package var context: Range<Int>?

    /// 16 bytes.
    package var attemptID: Range<Int>?
    package var accessTokenTTLSeconds: UInt32?

    package init(subject: Range<Int>, audience: Range<Int>) {
        self.subject = subject
        self.audience = audience
    }
}
