import Testing

@testable import MintmarkSessions

/// How far the wall clock is believed.
@Suite struct SettledWallClockTests {
    private func instant(_ wallSeconds: UInt64, service serviceSeconds: UInt64) -> SessionInstant {
        SessionInstant(
            serviceMilliseconds: serviceSeconds * 1_000,
            storeSeconds: wallSeconds,
            wallSeconds: wallSeconds
        )
    }

    /// Readings one after the other: what is believed of each.
    private func believed(_ readings: [SessionInstant], start: UInt64 = 0) -> [UInt64] {
        var clock = SettledWallClock()
        return readings.map { clock.seconds(at: $0, start: start, patienceSeconds: 600) }
    }

    @Test func oneThatGoesAsTimeGoesIsBelieved() {
        let readings = [instant(1_000, service: 5), instant(1_001, service: 6), instant(9_001, service: 8_006)]
        #expect(believed(readings) == [1_000, 1_001, 9_001])
    }

    @Test(arguments: [(599, 1_599), (600, 5_600), (601, 5_601)] as [(UInt64, UInt64)])
    func oneThatJumpedAheadIsBelievedWhenItStayedSo(passed: UInt64, expected: UInt64) {
        let readings = [
            instant(1_000, service: 0), instant(5_000, service: 0), instant(5_000 + passed, service: passed),
        ]
        #expect(believed(readings) == [1_000, 1_000, expected])
    }

    @Test func oneThatIsSetRightWasNeverBelieved() {
        let readings = [
            instant(1_000, service: 0), instant(5_000, service: 0), instant(5_300, service: 300),
            instant(1_301, service: 301), instant(5_400, service: 400), instant(5_900, service: 900),
        ]
        #expect(believed(readings) == [1_000, 1_000, 1_300, 1_301, 1_400, 1_900], "each jump is waited for anew")
    }

    /// As a machine's that sleeps often: each time is waited for, and none for ever.
    @Test func oneThatJumpsMeanwhileIsBelievedStepByStep() {
        let readings = [
            instant(1_000, service: 0), instant(5_000, service: 0), instant(9_599, service: 599),
            instant(9_600, service: 600), instant(10_199, service: 1_199), instant(10_200, service: 1_200),
        ]
        #expect(believed(readings) == [1_000, 1_000, 1_599, 5_600, 6_199, 10_200])
    }

    /// What it has been ahead for long is believed, and not what came on top of it.
    @Test func aSmallJumpVouchesForNoLargeOne() {
        let readings = [
            instant(1_000, service: 0), instant(1_060, service: 0), instant(81_300, service: 240),
            instant(1_360, service: 300), instant(81_500, service: 500), instant(81_600, service: 600),
        ]
        #expect(believed(readings) == [1_000, 1_000, 1_240, 1_300, 1_500, 1_660])
    }

    @Test func whatIsLeftOfAJumpThatWasSetBackIsBelieved() {
        let readings = [
            instant(1_000, service: 0), instant(5_000, service: 0), instant(2_300, service: 300),
            instant(2_600, service: 600),
        ]
        #expect(believed(readings) == [1_000, 1_000, 1_300, 2_600])
    }

    /// A second that has just ended is no jump, and a jump behind it is waited for from then on.
    @Test func whatRoundingCutsOffIsNoJump() {
        let readings = [(0, 1_000), (12, 1_001), (599_012, 1_600), (600_012, 5_601)] as [(UInt64, UInt64)]
        let instants = readings.map { milliseconds, wallSeconds in
            SessionInstant(serviceMilliseconds: milliseconds, storeSeconds: wallSeconds, wallSeconds: wallSeconds)
        }
        #expect(believed(instants) == [1_000, 1_000, 1_599, 1_600])
    }

    @Test func oneThatIsSetBackIsFollowedAtOnce() {
        #expect(believed([instant(1_000, service: 0), instant(400, service: 1)]) == [1_000, 400])
    }

    /// As the hardware clock may be at a start: what the last life knew counts.
    @Test func oneThatIsAheadAtAStartIsNotBelieved() {
        let readings = [instant(5_000, service: 7), instant(1_100, service: 8)]
        #expect(believed(readings, start: 1_000) == [1_000, 1_001])
        #expect(believed([instant(900, service: 7)], start: 1_000) == [900])
    }
}
