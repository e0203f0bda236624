import Foundation
import MintmarkCrypto
import MintmarkSessions
import MintmarkSessionsTestSupport
import Testing

extension Tag {
    /// Takes many seconds; runs when `TESTS_LONG` is set, and means something in a release build.
    @Tag static var long: Self
}

/// What a session costs in memory: 36 bytes of subject, 64 bytes of claims, the client `local`, one audience of 20 bytes.
@Suite(.tags(.long), .serialized, .enabled(if: ProcessInfo.processInfo.environment["TESTS_LONG"] != nil))
struct MemoryTests {
    @Test func aMillionSessionsStayWithinTheirBudget() throws {
        let count = 1_000_000
        let claims = "{\"pad\":\"" + String(repeating: "x", count: 54) + "\"}"
        #expect(claims.utf8.count == 64)
        let store = SessionStore(
            limits: SessionStoreLimits(),
            codec: StoreFixture.codec(),
            epoch: StoreFixture.epoch,
            journal: MemoryJournal(),
            random: SystemRandom()
        )
        let now = StoreFixture.Clocks().now
        var grant = GrantBuffer()
        _ = store.open(now: now, grant: &grant)
        let before = try residentByteCount()
        var tokens: [[UInt8]] = []
        let start = ContinuousClock.now
        for number in 0..<count {
            let digits = String(number)
            let subject = String(repeating: "s", count: 36 - digits.count) + digits
            let opened = try #require(
                store.open(
                    subject: subject,
                    audience: audience("https://api.examples"),
                    claims: claims,
                    now: now,
                    grant: &grant
                ).granted
            )
            if number % 100 == 0 {
                tokens.append(opened.token)
            }
        }
        let opening = ContinuousClock.now - start
        let perSession = Double(try residentByteCount() - before - tokens.count * 128) / Double(count)
        let refreshStart = ContinuousClock.now
        for token in tokens {
            _ = try #require(store.refresh(token, now: now, grant: &grant).granted)
        }
        let refreshing = (ContinuousClock.now - refreshStart) / tokens.count
        print("bytes per session: \(perSession); per OPEN: \(opening / count), per REFRESH: \(refreshing)")
        #expect(store.count == count + 1)
        #expect(perSession <= 220)
    }

    private func residentByteCount() throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        let pages = try #require(text.split(separator: " ").dropFirst().first.flatMap { Int($0) })
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
