/// One reading of the three clocks that sessions run on.
///
/// Values are kept within what a record can hold: 40 bits of seconds (34 000 years), 48 bits of milliseconds.
package struct SessionInstant: Equatable, Sendable {
    package static let secondsMax: UInt64 = 1 << 40 - 1
    package static let millisecondsMax: UInt64 = 1 << 48 - 1

    /// How long this store has been serving, over all its starts. Grace windows run on it and on nothing else.
    package let serviceMilliseconds: UInt64

    /// Seconds since 1970-01-01T00:00:00Z that never go back. Session deadlines run on it.
    package let storeSeconds: UInt64

    /// Seconds since 1970-01-01T00:00:00Z as the machine's clock tells. Access tokens carry it.
    package let wallSeconds: UInt64

    package init(serviceMilliseconds: UInt64, storeSeconds: UInt64, wallSeconds: UInt64) {
        self.serviceMilliseconds = min(serviceMilliseconds, Self.millisecondsMax)
        self.storeSeconds = min(storeSeconds, Self.secondsMax)
        self.wallSeconds = min(wallSeconds, Self.secondsMax)
    }

    /// When an access token expires that is made now and lives for `lifetime` seconds.
    ///
    /// Counted from the wall clock and not from its `iat`: revocations move that ahead of the clock, as far as somebody
    /// cares to repeat them, and must not lengthen the life of what is made behind them.
    package func accessTokenExpiry(lifetime: UInt64) -> UInt64 {
        Self.adding(lifetime, to: wallSeconds)
    }

    /// `seconds` plus `duration`, kept within what a record can hold.
    static func adding(_ duration: some BinaryInteger, to seconds: UInt64) -> UInt64 {
        min(seconds + UInt64(duration), secondsMax)
    }
}
