import Testing

/// What `Tools/measure` reads of a daemon that is watched: without measuring anything.
@Suite("The script that measures, of what is watched")
struct MeasureOperationTests {
    /// Runs Python with `operation`, the part of the script that this is about.
    private func python(_ lines: String) throws -> ProcessResult {
        try measureScript("from measures.figures import operation\n" + lines)
    }

    @Test func figuresOfARealDaemonAreRead() throws {
        let daemon = try DaemonProcess(arguments: ["--admin", "127.0.0.1:0"])
        #expect(try daemon.mintmark("open", "--subject", "alice", "--audience", "a").exitCode == 0)
        let address = try #require(daemon.ready.admin)
        let result = try python(
            """
            address = "\(address)"
            print(operation.metric(address, "mintmark_sessions"))
            print(b"<title>Ready" in operation.got(address, "/"))
            class Server:
                pid = \(daemon.ready.pid)
            print(1_000_000 < operation.private_bytes(Server) < 1_000_000_000)
            operation.PAUSE_SECONDS = 0
            times = operation.answer_times_ms(address, "/metrics", lambda count: count == 3)
            print(len(times), all(time > 0 for time in times))
            for wrong in (lambda: operation.metric(address, "nothing"), lambda: operation.got(address, "/nothing")):
                try:
                    wrong()
                except judging.Invalid as reason:
                    print("invalid:", reason)
            """
        )
        let expected = """
            1.0
            True
            True
            3 True
            invalid: /metrics has no nothing
            invalid: /nothing of the admin listener was answered 404

            """
        #expect(result.output == expected, "\(result)")
        #expect(daemon.stop() == 0)
    }

    @Test func thePageIsAskedForEveryOtherTurn() throws {
        let result = try python(
            """
            asked = []
            operation.got = lambda address, path: asked.append(path)
            operation.SCRAPE_SECONDS = 0
            look = operation.watch("address")
            for _ in range(3):
                look()
            print(*asked)
            """
        )
        #expect(result.output == "/metrics / /metrics /metrics /\n", "\(result)")
    }

    @Test func whatDoesNotAnswerIsNoFigure() throws {
        let result = try python(
            """
            import socket, threading
            listener = socket.create_server(("127.0.0.1", 0))
            def close():
                connection, _ = listener.accept()
                connection.recv(1000)
                connection.close()
            threading.Thread(target=close).start()
            def method(bench):
                '''How.'''
                return operation.got("127.0.0.1:%d" % listener.getsockname()[1], "/metrics")
            print(command.measure(None, method))
            """
        )
        #expect(result.output.contains("  INVALID: /metrics of the admin listener: "), "\(result)")
        #expect(result.output.hasSuffix("[('method', None)]\n"), "\(result)")
    }

    /// A value is told when it has stood still.
    @Test func memoryIsReadWhenItIsAtRest() throws {
        let result = try python(
            """
            values = iter([4, 4, 1, 2, 3, 4, 4])
            print(operation.settled(lambda: next(values, 4), alike=3, pause=0), len(list(values)))
            count = iter(range(1000))
            try:
                operation.settled(lambda: next(count), alike=2, count=9, pause=0)
            except judging.Invalid as reason:
                print(reason, next(count))
            """
        )
        #expect(result.output == "4 0\nthe server does not come to rest 9\n", "\(result)")
    }
}
