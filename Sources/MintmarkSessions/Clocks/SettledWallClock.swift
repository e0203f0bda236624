/// The wall clock as far as it can be believed, for what cannot be undone: to forget what was revoked, and to let keys
/// retire and go.
///
/// A wall clock may be ahead for a while, after a start with a wrong hardware clock or by somebody's hand. What was
/// forgotten by it would be valid again when it is set right, and a key that went by it is missed by tokens that are good
/// still. So a wall clock that goes faster than the service clock is not followed until it has been ahead for as long as
/// an access token lives: by then none is left that it was wrong about. One that is set back is followed at once.
package struct SettledWallClock: Sendable {
    private var milliseconds: UInt64 = 0
    private var serviceMilliseconds: UInt64 = 0
    /// Since when, by the service clock, the wall clock has been ahead of what is believed.
    private var aheadSinceMilliseconds: UInt64?
    private var isRead = false

    package init() {}

    /// Seconds since 1970 that can be believed.
    ///
    /// - Parameters:
    ///   - start: seconds since 1970 that are believed at the first reading; zero: the wall clock is.
    ///   - patienceSeconds: for how long one that is ahead is not followed.
    package mutating func seconds(at now: SessionInstant, start: UInt64, patienceSeconds: UInt64) -> UInt64 {
        let wallMilliseconds = now.wallSeconds * 1_000
        if !isRead {
            isRead = true
            serviceMilliseconds = now.serviceMilliseconds
            milliseconds = start == 0 ? wallMilliseconds : min(wallMilliseconds, start * 1_000)
        }
        milliseconds += max(now.serviceMilliseconds, serviceMilliseconds) - serviceMilliseconds
        serviceMilliseconds = max(now.serviceMilliseconds, serviceMilliseconds)
        guard wallMilliseconds > milliseconds else {
            milliseconds = wallMilliseconds
            aheadSinceMilliseconds = nil
            return now.wallSeconds
        }
        let since = aheadSinceMilliseconds ?? serviceMilliseconds
        guard serviceMilliseconds - since < patienceSeconds * 1_000 else {
            milliseconds = wallMilliseconds
            aheadSinceMilliseconds = nil
            return now.wallSeconds
        }
        aheadSinceMilliseconds = since
        return milliseconds / 1_000
    }
}
