import Logging
import MintmarkCrypto
import MintmarkSessions
import MintmarkStorage
import MintmarkTestSupport
import Testing

@testable import MintmarkServer

/// A store and its clock, wired as the daemon does.
@Suite struct ServerStorageTests {
    /// Waits, without sleeping, until the machine's clock has gone on.
    private func pass(milliseconds: UInt64) {
        let end = ServerClock.awakeMilliseconds + milliseconds
        while ServerClock.awakeMilliseconds < end {}
    }

    @Test func theServiceClockGoesOnWhileTheJournalCanBeWritten() throws {
        let place = try TemporaryDirectory()
        let directory = try DataDirectory(path: place.file("data"))
        let storage = try ServerStorage(
            load("issuer: https://issuer.example"),
            masterKey: SecretBytes(count: 32, random: SystemRandom()),
            disk: directory.disk(),
            callers: [],
            manager: ServiceManager(environment: [:]),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let first = storage.clock.now()
        pass(milliseconds: 3)
        let second = storage.clock.now()
        #expect(second.serviceMilliseconds > first.serviceMilliseconds)
        _ = storage.storage.end { MonotonicClock.milliseconds }
        let stopped = storage.clock.now()
        pass(milliseconds: 3)
        #expect(storage.clock.now().serviceMilliseconds == stopped.serviceMilliseconds)
        _ = directory.path
    }
}
