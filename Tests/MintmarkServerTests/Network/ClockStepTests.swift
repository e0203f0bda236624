import Foundation
import MintmarkSessions
import MintmarkWire
import NIOConcurrencyHelpers
import Testing

@testable import MintmarkServer

/// A wall clock that steps by an hour while clients call over real sockets: no window opens again, nothing that expired
/// or was revoked comes back, nothing healthy expires (invariant 11).
@Suite(.serialized) struct ClockStepTests {
    private static let hour: Int64 = 3_600_000

    /// The machine's clocks, as the test sets them.
    private final class Machine: Sendable {
        private let reading = NIOLockedValueBox(ServerClock.Reading.now())

        var now: ServerClock.Reading { reading.withLockedValue { $0 } }

        func pass(milliseconds: UInt64) {
            reading.withLockedValue { reading in
                reading.wallMilliseconds += milliseconds
                reading.awakeMilliseconds += milliseconds
                reading.elapsedMilliseconds += milliseconds
            }
        }

        func stepWall(milliseconds: Int64) {
            reading.withLockedValue { reading in
                reading.wallMilliseconds = UInt64(Int64(reading.wallMilliseconds) + milliseconds)
            }
        }
    }

    @Test func healthySessionsGoOnAndDeadOnesStayDead() async throws {
        let machine = Machine()
        try await withServer {
            $0.threads = 2
            $0.reading = { machine.now }
            $0.policy.idleSeconds = 4 * 3_600
        } _: { server in
            let client = try server.connect()
            let expired = try client.call(OpenRequest.test()).grant
            machine.pass(milliseconds: 4 * 3_600_000)
            let (retried, revoked) = (
                try client.call(OpenRequest.test()).grant, try client.call(OpenRequest.test()).grant
            )
            _ = try client.call(RefreshRequest(refreshToken: retried.refreshToken))
            machine.pass(milliseconds: 10_000)
            _ = try client.call(RevokeRequest(.sessionID(revoked.sessionID)))

            try Self.refreshWhileTheClockSteps(server, machine)

            for (grant, status) in [(expired, Status.expired), (retried, .reused), (revoked, .revoked)] {
                try client.send(frame(RefreshRequest(refreshToken: grant.refreshToken), id: 9))
                #expect(try client.read().status == status)
            }
        }
    }

    /// Four clients refresh a session each while the clock goes forth and back; it ends an hour behind.
    private static func refreshWhileTheClockSteps(_ server: TestServer, _ machine: Machine) throws {
        let running = NIOLockedValueBox(4)
        let end = DispatchSemaphore(value: 0)
        let faults = NIOLockedValueBox<[String]>([])
        for number in 0..<4 {
            Thread.detachNewThread {
                defer { end.signal() }
                defer { running.withLockedValue { $0 -= 1 } }
                do {
                    let client = try server.connect()
                    var token = try client.call(OpenRequest.test("user-\(number)")).grant.refreshToken
                    for generation in 1...150 as ClosedRange<UInt32> {
                        let answer = try client.call(RefreshRequest(refreshToken: token))
                        guard answer.refreshOutcome == .rotated, answer.generation == generation else {
                            return faults.withLockedValue { $0.append("client \(number): \(answer)") }
                        }
                        token = answer.grant.refreshToken
                    }
                } catch {
                    faults.withLockedValue { $0.append("client \(number): \(error)") }
                }
            }
        }
        let client = try server.connect()
        while running.withLockedValue({ $0 }) > 0 {
            for direction in [1, -1, -1, 1] as [Int64] {
                machine.stepWall(milliseconds: direction * hour)
                _ = try client.call(ping)
            }
            machine.pass(milliseconds: 1)
        }
        machine.stepWall(milliseconds: -hour)
        for _ in 0..<4 { end.wait() }
        #expect(faults.withLockedValue { $0 } == [])
    }
}
