import Foundation
import MintmarkClient
import MintmarkWire
import Testing

/// What a real daemon tells a real datagram socket.
@Suite struct ServiceManagerTests {
    private let home: TemporaryHome
    private let manager: NotifyListener

    init() throws {
        home = try TemporaryHome()
        manager = try NotifyListener(in: home.path)
    }

    private func start(_ configuration: String? = nil, _ environment: [String: String] = [:]) throws -> DaemonProcess {
        try DaemonProcess(
            configuration: configuration,
            environment: ["NOTIFY_SOCKET": manager.path].merging(environment) { $1 },
            directory: home.path
        )
    }

    @Test func aLifeIsTold() throws {
        let daemon = try start("log: {level: info}\n")
        #expect(manager.next() == ["READY=1", "STATUS=Serving on \(daemon.tcpAddress), \(daemon.unixPath)"])
        // Its variables are this process's alone. The kernel shows what a process was given, so the log has to tell.
        #expect(try daemon.mintmark("ping").exitCode == 0)

        daemon.signal(SIGHUP)
        let reloading = try #require(manager.next())
        #expect(reloading.first == "RELOADING=1")
        let stamp = try #require(reloading.first { $0.hasPrefix("MONOTONIC_USEC=") }?.split(separator: "=").last)
        #expect(UInt64(stamp) ?? 0 > 0)
        #expect(manager.next()?.first == "READY=1")

        try Data("nonsense: 1\n".utf8).write(to: URL(fileURLWithPath: home.file("mintmark.yaml")))
        daemon.signal(SIGHUP)
        #expect(manager.next()?.first == "RELOADING=1")
        let refused = try #require(manager.next())
        #expect(refused.first == "READY=1" && refused.last?.contains("not reloaded") == true, "\(refused)")

        daemon.signal(SIGTERM)
        #expect(manager.next()?.first == "STOPPING=1")
        #expect(daemon.exitCode() == 0)
    }

    /// Fed for as long as it is watched, and after the loops, which a stopped process shows, not at all.
    @Test func theWatchdogIsFed() throws {
        let daemon = try start(nil, ["WATCHDOG_USEC": "200000"])
        #expect(manager.next()?.first == "READY=1")
        for _ in 0..<5 {
            #expect(manager.receive() == ["WATCHDOG=1"])
        }
        #expect(daemon.stop() == 0)
    }

    @Test func anotherProcessIsNotWatched() throws {
        let daemon = try start(nil, ["WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"])
        #expect(manager.receive()?.first == "READY=1")
        #expect(try daemon.mintmark("ping").exitCode == 0)
        #expect(daemon.stop() == 0)
        #expect(manager.receive()?.first == "STOPPING=1")
    }

    /// Whoever did not listen when the daemon got ready hears of it later, and whoever did not read hears of the stop.
    @Test func whatTheManagerDidNotTakeIsToldAgain() throws {
        let path = home.file("later")
        let daemon = try DaemonProcess(environment: ["NOTIFY_SOCKET": path])
        let late = try NotifyListener(in: home.path, name: "later")
        #expect(late.receive()?.first == "READY=1")
        #expect(daemon.stop() == 0)
        #expect(late.receive()?.first == "STOPPING=1")
    }

    /// A start that fails is never ready.
    @Test func nothingIsReadyThatDoesNotServe() throws {
        let arguments = try DaemonProcess.arguments(
            in: home.path,
            nil,
            ["--listen", "192.0.2.1:1", "--insecure-listeners", "allow"]
        )
        let result = try run(BuiltProducts.mintmarkd, arguments, environment: ["NOTIFY_SOCKET": manager.path])
        #expect(result.exitCode != 0)
        let socket = manager
        let daemon = try start()
        #expect(socket.next()?.first == "READY=1", "nothing was told before")
        #expect(daemon.stop() == 0)
    }
}
