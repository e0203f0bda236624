import Foundation
import MintmarkWire
import Testing

@testable import MintmarkLoad

@Suite("The ledger of crashes")
struct CrashLedgerTests {
    private func withLedger(_ body: (CrashLedger) throws -> Void) throws {
        let path = NSTemporaryDirectory() + "mintmark-ledger-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(try CrashLedger(path: path))
    }

    private func lines(_ ledger: CrashLedger) throws -> [Substring] {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: ledger.path)), as: UTF8.self).split(separator: "\n")
    }

    @Test("it is appended to, is its owner's, and is never another's")
    func file() throws {
        try withLedger { ledger in
            try ledger.append(["1 - READY"])
            try ledger.append([])
            try ledger.append(["1 @a #1 -> SIGN a", "1 @a #1 <- done"])
            try ledger.sync()
            #expect(
                try lines(ledger).map { $0.split(separator: " ")[1...].joined(separator: " ") }
                    == ["1 - READY", "1 @a #1 -> SIGN a", "1 @a #1 <- done"]
            )
            let mode = try FileManager.default.attributesOfItem(atPath: ledger.path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            #expect(throws: LoadFailure.self) { try CrashLedger(path: ledger.path) }
        }
    }

    private static func operation(_ number: Int, _ request: RaceRequest) -> CrashOperation {
        CrashOperation(subject: 0, target: number > 0 ? .session(0) : .subject, number: number, request: request)
    }

    @Test("lines say whom they are about, and hold what a checker needs")
    func text() {
        let token = Array("mmrt_a".utf8)
        let refresh = Self.operation(3, .refresh(token))
        #expect(CrashLedgerLine.sent(refresh, of: "x", round: 2, id: 9) == "2 s3@x #9 -> REFRESH mmrt_a")
        #expect(CrashLedgerLine.answered(nil, refresh, of: "x", round: 2, id: 9) == "2 s3@x #9 <- no answer")
        let reused = RaceOutcome.refused(StatusCode(.reused), .olderGeneration)
        #expect(
            CrashLedgerLine.answered(reused, refresh, of: "x", round: 2, id: 9)
                == "2 s3@x #9 <- REUSED (olderGeneration)"
        )
        let revoke = Self.operation(0, .revoke(.subject("x")))
        #expect(CrashLedgerLine.sent(revoke, of: "x", round: 0, id: 1) == "0 @x #1 -> REVOKE subject x")
        var bench = CrashBench(generation: 0)
        let rotated = { (generation: UInt32) in
            RaceOutcome.refreshed(
                RefreshResponse(grant: bench.grant(token), refreshOutcome: .rotated, generation: generation)
            )
        }
        #expect(
            CrashLedgerLine.answered(rotated(3), refresh, of: "x", round: 2, id: 9)
                == "2 s3@x #9 <- rotated 3 mmrt_a -"
        )
        #expect(
            CrashLedgerLine.answered(rotated(4), refresh, of: "x", round: 2, id: 9)
                == "2 s3@x #9 <- rotated 4 mmrt_a eyJ3"
        )
        let verify = Self.operation(3, .verify(Array("eyJ.0123456789abcdef".utf8)))
        #expect(CrashLedgerLine.sent(verify, of: "x", round: 2, id: 9) == "2 s3@x #9 -> VERIFY ...0123456789abcdef")
        #expect(CrashLedgerLine.event("READY", round: 4) == "4 - READY")
    }

    private static let ledger = """
        0.1 0 - READY
        0.2 0 s1@a #1 -> OPEN a
        0.3 0 s2@b #2 -> OPEN b
        0.4 0 s1@a #1 <- opened 00ff mmrt_x eyJ.0123456789abcdef
        0.5 0 s2@b #2 <- opened 01ff mmrt_y eyJ2
        0.6 0 - KILLED idle
        0.7 1 s4@a #4 -> OPEN a
        0.8 1 s1@a #5 -> REFRESH mmrt_x
        0.9 1 s1@a #5 <- rotated 1 mmrt_z -
        1.0 1 @a #6 -> REVOKE subject a
        1.1 1 s11@a #7 -> OPEN a
        1.2 1 s1@a #8 -> VERIFY ...0123456789abcdef
        """

    @Test("the history of a session has its lines, its subject's and the daemon's, and no token")
    func sessionHistory() {
        let finding = CrashFinding(.lostOpen, expected: "x", answered: "y").about(session: 1, subject: "a")
        let lines = CrashHistory.lines(of: finding, in: Self.ledger.split(separator: "\n"))
        #expect(
            lines == [
                "0.2 0 s1@a #1 -> OPEN a", "0.4 0 s1@a #1 <- opened 00ff R0 A0", "0.6 0 - KILLED idle",
                "0.8 1 s1@a #5 -> REFRESH R0", "0.9 1 s1@a #5 <- rotated 1 R1 -", "1.0 1 @a #6 -> REVOKE subject a",
                "1.2 1 s1@a #8 -> VERIFY A0",
            ]
        )
    }

    @Test("the history of a subject has all its sessions; that of the daemon only what is about it")
    func otherHistories() {
        let finding = CrashFinding(.acceptedAccessToken, expected: "x", answered: "y")
        let ledger = Self.ledger.split(separator: "\n")
        #expect(CrashHistory.lines(of: finding.about(subject: "b"), in: ledger).count == 3)
        #expect(CrashHistory.lines(of: finding.about(subject: "a"), in: ledger).count == 9)
        #expect(CrashHistory.lines(of: finding, in: ledger) == ["0.1 0 - READY", "0.6 0 - KILLED idle"])
    }
}
