package import MintmarkSessions

/// The three clocks of sessions, which stand where a test puts them.
package struct TestClocks: Sendable {
    package var serviceMilliseconds: UInt64 = 1_000_000
    package var storeSeconds: UInt64 = 1_800_000_000
    package var wallSeconds: UInt64 = 1_800_000_000

    package init() {}

    package var now: SessionInstant {
        SessionInstant(
            serviceMilliseconds: serviceMilliseconds,
            storeSeconds: storeSeconds,
            wallSeconds: wallSeconds
        )
    }

    package mutating func advance(milliseconds: UInt64) {
        serviceMilliseconds += milliseconds
        storeSeconds += milliseconds / 1_000
        wallSeconds += milliseconds / 1_000
    }

    package mutating func advance(seconds: UInt64) {
        advance(milliseconds: seconds * 1_000)
    }
}
