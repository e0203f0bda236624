/// The wall clock as far as it can be believed, for what cannot be undone: to forget what was revoked, and to let keys
/// retire and go.
///
/// A wall clock may be ahead for a while, after a start with a wrong hardware clock or by somebody's hand. What was
/// forgotten by it would be valid again when it is set right, and a key that went by it is missed by tokens that are good
/// still. So a jump ahead of the service clock is not followed until the wall clock has kept it for as long as an access
/// token lives: by then none is left that it was wrong about. A jump that comes meanwhile is waited for behind that, so
/// that a machine which sleeps every hour is followed, too. A clock that is set back is followed at once.
package struct SettledWallClock: Sendable {
    /// Readings have whole seconds: by less than one they are ahead where nothing has jumped.
    private static let jumpMillisecondsMin: UInt64 = 1_000

    /// What the wall clock is ahead, and is not followed.
    private struct Jump {
        var milliseconds: UInt64
        /// By the service clock.
        let since: UInt64
    }

    private var milliseconds: UInt64 = 0
    private var serviceMilliseconds: UInt64 = 0
    private var jump: Jump?
    private var isRead = false

    package init() {}

    /// Seconds since 1970 that can be believed; never more than the wall clock shows.
    ///
    /// - Parameters:
    ///   - start: seconds since 1970 that are believed at the first reading; zero: the wall clock is.
    ///   - patienceSeconds: for how long a jump ahead is not followed.
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
            jump = nil
            return now.wallSeconds
        }
        follow(ahead: wallMilliseconds - milliseconds, patienceMilliseconds: patienceSeconds * 1_000)
        return milliseconds / 1_000
    }

    /// - Parameter ahead: by how many milliseconds the wall clock is.
    private mutating func follow(ahead: UInt64, patienceMilliseconds: UInt64) {
        guard ahead >= Self.jumpMillisecondsMin else {
            jump = nil
            return
        }
        var jump = jump ?? Jump(milliseconds: ahead, since: serviceMilliseconds)
        jump.milliseconds = min(jump.milliseconds, ahead)
        guard serviceMilliseconds - jump.since >= patienceMilliseconds else {
            self.jump = jump
            return
        }
        milliseconds += jump.milliseconds
        let rest = ahead - jump.milliseconds
        self.jump = rest < Self.jumpMillisecondsMin ? nil : Jump(milliseconds: rest, since: serviceMilliseconds)
    }
}
