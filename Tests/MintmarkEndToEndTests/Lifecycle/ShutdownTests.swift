import Foundation
import MintmarkClient
import MintmarkWire
import Synchronization
import Testing

/// How the daemon stops: in time, with exit code 0, and with a word for everybody who is connected.
@Suite struct ShutdownTests {
    @Test(arguments: [SIGTERM, SIGINT])
    func stopWithoutClientsDoesNotTakeTheTimeout(signal: Int32) throws {
        // Longer than anybody waits for its end here: it does not wait for that time.
        let daemon = try DaemonProcess(configuration: "limits: {shutdown_timeout: 5m}\n")
        #expect(daemon.stop(with: signal) == 0)
        #expect(!FileManager.default.fileExists(atPath: daemon.unixPath))
    }

    /// An operator reads when and why it stopped.
    @Test(arguments: [(SIGTERM, "SIGTERM"), (SIGINT, "SIGINT")])
    func logTellsOfTheStop(signal: Int32, name: String) throws {
        let daemon = try DaemonProcess()
        let connection = try RawConnection(unixPath: daemon.unixPath)
        try connection.send(RawConnection.frame(OpenRequest(subject: "alice", audience: ["orders"]), id: 2))
        #expect(try connection.receive()?.header.responseKind == .open)
        connection.close()
        #expect(daemon.stop(with: signal) == 0)
        #expect(daemon.waitForLog("stopping: \(name)"))
        #expect(daemon.waitForLog("sessions=1 [MintmarkServer] every request is answered"))
    }

    /// Whoever is to read the log stands still.
    @Test func aLogThatNobodyTakesHoldsUpNothing() throws {
        // Foundation knows a process by a descriptor that its children hold, too.
        let forget = "for fd in /proc/self/fd/*; do (( ${fd##*/} > 2 )) && eval \"exec ${fd##*/}>&-\"; done"
        let reader = "\(forget); sed -u '/ ready/q' >&2; exec tail -f /dev/null --pid=$$ 2>&-"
        let launcher = ["/bin/bash", "-c", "exec \"$@\" 2> >(\(reader))", "bash"]
        let daemon = try DaemonProcess(configuration: "limits: {shutdown_timeout: 5m}\n", launcher: launcher)
        let log = open("/proc/\(daemon.ready.pid)/fd/2", O_WRONLY | O_NONBLOCK | O_CLOEXEC)
        try #require(log >= 0)
        defer { close(log) }
        let page = [UInt8](repeating: UInt8(ascii: "x"), count: 4_096)
        while write(log, page, page.count) > 0 {}
        try #require(errno == EAGAIN)
        let prepared = try daemon.mintmark("keys", "prepare")
        #expect(prepared.exitCode == 0, "\(prepared)")
        daemon.signal(SIGHUP)
        #expect(try daemon.mintmark("ping").exitCode == 0)
        #expect(daemon.stop() == 0)
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func idleClientIsToldAndTheDaemonStops(signal: Int32) throws {
        let daemon = try DaemonProcess()
        let connection = try RawConnection(unixPath: daemon.unixPath)
        daemon.signal(signal)
        let farewell = try #require(try connection.receive())
        #expect(farewell.status == .shuttingDown)
        #expect(farewell.header.requestID == 0)
        #expect(try connection.receive() == nil)
        connection.close()
        #expect(daemon.exitCode() == 0)
        #expect(!FileManager.default.fileExists(atPath: daemon.unixPath))
    }

    @Test func clientsThatDoNotCloseDoNotHoldItUp() throws {
        // What they are given when nothing stops is longer than anybody waits for the end here.
        let limits = "{shutdown_timeout: 500ms, handshake_timeout: 5m, frame_timeout: 5m}"
        let daemon = try DaemonProcess(configuration: "limits: \(limits)\n")
        let silent = try RawConnection(unixPath: daemon.unixPath, shakesHands: false)
        let idle = try RawConnection(unixPath: daemon.unixPath)
        let half = try RawConnection(unixPath: daemon.unixPath)
        let frame = try RawConnection.frame(PingRequest(), id: 2)
        try half.send(frame + frame.dropLast(3))
        #expect(try half.receive()?.header.responseKind == .ping)
        #expect(daemon.stop() == 0)
        #expect(daemon.waitForLog("every request is answered"))
        for connection in [silent, idle, half] {
            #expect(try connection.receive()?.status == .shuttingDown)
            #expect(try connection.receive() == nil)
        }
    }

    /// Whoever asks twice does not wait for the deadline; what was accepted is kept either way.
    @Test(arguments: [SIGTERM, SIGINT])
    func theSecondSignalCutsWhoDoesNotClose(second: Int32) throws {
        let daemon = try DaemonProcess(configuration: "limits: {shutdown_timeout: 5m, frame_timeout: 5m}\n")
        let connection = try RawConnection(unixPath: daemon.unixPath)
        try connection.send(RawConnection.frame(OpenRequest(subject: "alice", audience: ["orders"]), id: 2))
        #expect(try connection.receive()?.header.responseKind == .open)
        // Half a frame keeps the connection open for its deadline. It was read with the whole one before it.
        let frame = try RawConnection.frame(PingRequest(), id: 3)
        try connection.send(frame + frame.dropLast(3))
        #expect(try connection.receive()?.header.responseKind == .ping)
        daemon.signal(SIGTERM)
        #expect(daemon.waitForLog("stopping: SIGTERM"))
        daemon.signal(second)
        #expect(daemon.exitCode() == 0)
        #expect(daemon.waitForLog("asked again to stop: connections are cut"))
        #expect(daemon.waitForLog("every request is answered; connections were cut that did not close"))
        #expect(daemon.logText.contains("sessions=1"))
    }

    /// A stop that does not come to its end has one all the same: as long as it lasts a thread waits for that. What it does
    /// is `StopDeadlineTests`.
    @Test func aStopIsWatched() async throws {
        let daemon = try DaemonProcess(configuration: "threads: 1\nlimits: {shutdown_timeout: 5m}\n")
        let deaf = try deafConnection(to: daemon)
        #expect(try !daemon.threadNames().contains("stop deadline"))
        daemon.signal()
        _ = try await poll("the stop is watched") { try daemon.threadNames().contains("stop deadline") ? true : nil }
        deaf.close()
        #expect(daemon.exitCode() == 0)
    }

    /// One that takes no answers, whose answers fill the socket by now.
    private func deafConnection(to daemon: DaemonProcess) throws -> RawConnection {
        let deaf = try RawConnection(unixPath: daemon.unixPath)
        let request = try RawConnection.frame(StatsRequest(), id: 2)
        try deaf.send((0..<3_000).flatMap { _ in request })
        // The same event loop answers another one behind them: when it has, they are answered, too.
        let other = try RawConnection(unixPath: daemon.unixPath)
        for id: UInt32 in 2..<200 {
            try other.send(PingRequest(), id: id)
            #expect(try other.receive()?.header.responseKind == .ping)
        }
        other.close()
        return deaf
    }

    /// Whoever takes no answers is cut when the time is over, and the log says what that was.
    @Test func logTellsWhatWasCut() throws {
        let daemon = try DaemonProcess(configuration: "threads: 1\nlimits: {shutdown_timeout: 100ms}\n")
        let deaf = try deafConnection(to: daemon)
        daemon.signal(SIGTERM)
        #expect(daemon.exitCode() == 0)
        #expect(daemon.waitForLog("connections were cut"))
        let log = daemon.logText
        let line = try #require(log.split(separator: "\n").first { $0.contains("connections were cut") }, "\(log)")
        #expect(line.contains("cut_connections=1") && line.contains("unanswered_requests=0"), "\(line)")
        let unsent = try #require(line.split(separator: " ").first { $0.hasPrefix("unsent_bytes=") })
        #expect(Int(unsent.dropFirst("unsent_bytes=".count)) ?? 0 > 0)
        #expect(!daemon.logText.contains("every request is answered"))
        deaf.close()
    }

    @Test func whatWasAcceptedIsAnswered() throws {
        let daemon = try DaemonProcess()
        let connection = try RawConnection(unixPath: daemon.unixPath)
        let request = SignRequest(subject: "alice", audience: ["orders"])
        let count: UInt32 = 500
        var frames: [UInt8] = []
        for id in 2..<(2 + count) {
            frames += try RawConnection.frame(request, id: id)
        }
        try connection.send(frames)
        try #require(try connection.receive()?.header.requestID == 2)
        daemon.signal(SIGTERM)
        // Answers come in order, as all are given at once; behind the last one accepted comes the farewell.
        var next: UInt32 = 3
        while let frame = try connection.receive() {
            if frame.status == .shuttingDown {
                #expect(frame.header.requestID == 0)
                break
            }
            #expect(frame.header.responseKind == .sign)
            #expect(frame.header.requestID == next)
            next += 1
        }
        #expect(try connection.receive() == nil)
        connection.close()
        #expect(daemon.exitCode() == 0)
    }

    @Test func busyClientsGetEitherAnAnswerOrARetryableError() async throws {
        let daemon = try DaemonProcess(configuration: DaemonProcess.patientClient)
        let answers = Answers()
        let processID = daemon.ready.pid
        try await daemon.withClient(connections: 4) { client in
            try await withThrowingTaskGroup { group in
                for caller in 0..<8 {
                    group.addTask {
                        var token = try await client.openSession("subject \(caller)").refreshToken
                        while true {
                            do {
                                token = try await client.refresh(token, timeout: .seconds(2)).tokens.refreshToken
                                answers.add()
                            } catch let error as MintmarkError {
                                #expect(error.isRetryable, "\(error)")
                                return
                            }
                        }
                    }
                }
                group.addTask {
                    try await poll("work is done") { answers.count > 100 ? true : nil }
                    kill(processID, SIGTERM)
                }
                try await group.waitForAll()
            }
        }
        #expect(daemon.exitCode() == 0)
        #expect(!FileManager.default.fileExists(atPath: daemon.unixPath))
    }

    @Test func nobodyConnectsAnyMore() async throws {
        let daemon = try DaemonProcess()
        #expect(daemon.stop() == 0)
        #expect(try daemon.mintmark("ping").exitCode == 3)
    }
}

extension DaemonProcess {
    /// What the system calls its threads.
    fileprivate func threadNames() throws -> [String] {
        let tasks = "/proc/\(ready.pid)/task"
        // A thread may end meanwhile.
        return try FileManager.default.contentsOfDirectory(atPath: tasks).compactMap { thread in
            try? String(contentsOfFile: "\(tasks)/\(thread)/comm", encoding: .utf8)
        }.map { $0.trimmingCharacters(in: .newlines) }
    }
}

/// Counts answers. Safe to use from any thread.
private final class Answers: Sendable {
    private let number = Atomic(0)

    var count: Int { number.load(ordering: .relaxed) }

    func add() {
        number.add(1, ordering: .relaxed)
    }
}
