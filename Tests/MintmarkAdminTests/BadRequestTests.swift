import Foundation
import MintmarkAdmin
import NIOConcurrencyHelpers
import NIOCore
import Testing

/// Requests that are malformed, huge or slow. Whatever comes, the listener goes on answering others.
@Suite struct BadRequestTests {
    /// Sends `text` and reads the answer; then asks the listener how it is.
    private func status(
        of text: String,
        _ change: @escaping (inout AdminListener.Settings) -> Void = { _ in }
    ) async throws -> Int {
        try await withListener(FakeSource(), change) { port in
            let client = try HTTPClient(port: port)
            try client.send(text)
            let status = try client.receive().status
            if status >= 400, status != 404, status != 421 {
                #expect(client.awaitEnd())
            }
            #expect(try ask(port, "/livez").status == 200)
            return status
        }
    }

    @Test(arguments: [
        "nonsense\r\n\r\n", "GET\r\n\r\n", "GET /livez HTTP/9.9\r\nHost: localhost\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost localhost\r\n\r\n", "GET /livez HTTP/1.1\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "GET /livez HTTP/1.1\r\nHost: localhost\r\nA\u{0}: b\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\u{fc}",
    ])
    func malformedRequestIsRefusedAndTheConnectionEnds(text: String) async throws {
        #expect(try await status(of: text) == 400)
    }

    @Test(arguments: [(-1, 200), (0, 200), (1, 413)])
    func bodyHasALimit(beyond: Int, expected: Int) async throws {
        let limit = AdminLimits().bodyLengthMax
        let body = String(repeating: "x", count: limit + beyond)
        let head = "GET /livez HTTP/1.1\r\nHost: localhost\r\n"
        #expect(try await status(of: "\(head)Content-Length: \(limit + beyond)\r\n\r\n\(body)") == expected)
        let size = String(limit + beyond, radix: 16)
        let chunks = "Transfer-Encoding: chunked\r\n\r\n\(size)\r\n\(body)\r\n0\r\n\r\n"
        #expect(try await status(of: head + chunks) == expected)
    }

    /// Refused before any of it comes.
    @Test func announcedBodyIsNotWaitedFor() async throws {
        let head = "GET /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n"
        #expect(try await status(of: head) == 413)
    }

    @Test(arguments: [(-1, 200), (0, 200), (1, 431)])
    func headerFieldHasALimit(beyond: Int, expected: Int) async throws {
        // A name and a value are judged each by itself.
        let value = String(repeating: "x", count: AdminLimits().headerFieldLengthMax + beyond)
        #expect(try await status(of: "GET /livez HTTP/1.1\r\nHost: localhost\r\nA: \(value)\r\n\r\n") == expected)
    }

    @Test(arguments: [(-1, 200), (0, 200), (1, 431)])
    func headerHasALimit(beyond: Int, expected: Int) async throws {
        let used = "/livez".count + "Host".count + "localhost".count + 3 * "A".count
        let length = (AdminLimits().headerLengthMax - used) / 3
        let lengths = [length, length, AdminLimits().headerLengthMax - used - 2 * length + beyond]
        let fields = lengths.map { "A: \(String(repeating: "x", count: $0))\r\n" }.joined()
        #expect(try await status(of: "GET /livez HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n") == expected)
    }

    @Test(arguments: [(-1, 200), (0, 200), (1, 431)])
    func fieldsHaveALimit(beyond: Int, expected: Int) async throws {
        let count = AdminLimits().headerFieldsMax - 1 + beyond
        let fields = String(repeating: "A: b\r\n", count: count)
        #expect(try await status(of: "GET /livez HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n") == expected)
    }

    /// A byte now and then does not keep a request alive.
    @Test func slowRequestIsEnded() async throws {
        try await withListener(FakeSource()) {
            $0.limits.requestTimeout = .milliseconds(50)
        } _: { port in
            let client = try HTTPClient(port: port)
            try client.send("GET /livez HTTP/1.1\r\nHost: loc")
            #expect(try client.receive().status == 408)
            #expect(client.awaitEnd())
            let body = try HTTPClient(port: port)
            try body.send("GET /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nx")
            #expect(try body.receive().status == 408)
            #expect(body.awaitEnd())
        }
    }

    @Test func idleConnectionIsEnded() async throws {
        try await withListener(FakeSource()) {
            $0.limits.idleTimeout = .milliseconds(50)
        } _: { port in
            #expect(try HTTPClient(port: port).awaitEnd())
            var client = try HTTPClient(port: port)
            // It may be idle for too long before it gets to ask.
            try awaitTrue {
                client = try HTTPClient(port: port)
                return (try? client.ask("GET", "/livez").status) == 200
            }
            #expect(client.awaitEnd())
        }
    }

    @Test func answerThatNobodyTakesEndsTheConnection() async throws {
        let help = String(repeating: "x", count: 16 << 20)
        let family = MetricFamily(name: "a", kind: .gauge, help: help, samples: [MetricSample(.integer(1))])
        let statistics = AdminStatistics()
        try await withListener(FakeSource(families: [family]), statistics: statistics) {
            $0.limits.answerTimeout = .seconds(5)
        } _: { port in
            let client = try HTTPClient(port: port, receiveBuffer: 4_096)
            try client.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
            try awaitTrue { statistics.connections == 1 }
            try awaitTrue { statistics.connections == 0 }
            // On a busy machine this answer, too, may be waited for too long.
            try awaitTrue { (try? ask(port, "/livez").status) == 200 }
            withExtendedLifetime(client) {}
        }
    }

    @Test(arguments: [
        ("GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", true),
        ("GET /livez HTTP/1.0\r\nHost: localhost\r\n\r\n", true),
        ("GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", true),
        ("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n", false),
        ("GET /livez HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n", false),
    ])
    func connectionEndsWhereThePeerSaysSo(text: String, ends: Bool) async throws {
        try await withListener { port in
            let client = try HTTPClient(port: port)
            try client.send(text)
            let answer = try client.receive()
            #expect(answer.status == 200)
            #expect((answer.fields["connection"] == "close") == ends)
            if ends {
                #expect(client.awaitEnd())
            } else {
                #expect(try client.ask("GET", "/livez").status == 200)
            }
        }
    }

    @Test func pipelinedRequestsAreAnsweredInTheirOrder() async throws {
        try await withListener { port in
            let client = try HTTPClient(port: port)
            let requests = ["/livez", "/nothing", "/readyz"].map { "GET \($0) HTTP/1.1\r\nHost: localhost\r\n\r\n" }
            try client.send(requests.joined() + "nonsense\r\n\r\n")
            #expect(try (0..<4).map { _ in try client.receive().status } == [200, 404, 200, 400])
            #expect(client.awaitEnd())
        }
    }

    /// However it is cut, and whatever its body looks like.
    @Test(arguments: [
        "GET /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8\r\n\r\n\r\n\r\nGET ",
        "GET /livez HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n\r\n\r\n\r\n0\r\n\r\n",
        "\r\nGET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n\r\n",
    ])
    func requestsBehindOneAnotherAreTold(request: String) async throws {
        try await withListener { port in
            let text = request + "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n" + request
            let whole = try HTTPClient(port: port)
            try whole.send(text)
            let cut = try HTTPClient(port: port)
            for byte in text.utf8 { try cut.send(String(UnicodeScalar(byte))) }
            for client in [whole, cut] {
                #expect(try (0..<3).map { _ in try client.receive().status } == [200, 404, 200])
                #expect(try client.ask("GET", "/livez").status == 200)
            }
        }
    }

    @Test(arguments: [(-1, 200), (0, 200)])
    func asManyConnectionsAsAllowedAreServed(beyond: Int, expected: Int) async throws {
        let statistics = AdminStatistics()
        try await withListener(FakeSource(), statistics: statistics) {
            $0.limits.connectionsMax = 4
        } _: { port in
            let clients = try (0..<(4 + beyond)).map { _ in try HTTPClient(port: port) }
            for client in clients {
                #expect(try client.ask("GET", "/livez").status == expected)
            }
        }
        #expect(statistics.connectionsEvicted == 0)
    }

    /// Whoever holds all places cannot keep a probe out.
    @Test func oldestIdleConnectionGivesWay() async throws {
        let statistics = AdminStatistics()
        try await withListener(FakeSource(), statistics: statistics) {
            $0.limits.connectionsMax = 2
        } _: { port in
            let clients = try (0..<2).map { _ in try HTTPClient(port: port) }
            for client in clients { #expect(try client.ask("GET", "/livez").status == 200) }
            #expect(try ask(port, "/livez").status == 200)
            #expect(clients[0].awaitEnd())
            #expect(try clients[1].ask("GET", "/livez").status == 200)
        }
        #expect(statistics.connectionsRefused == 0)
        #expect(statistics.connectionsEvicted == 1)
    }

    /// Neither does one that has begun behind another, in the same bytes; and it has as long as any other.
    @Test(arguments: [
        ("G", "ET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"), ("GET /livez HTTP/1.1\r\nHost: localhost\r\n", "\r\n"),
        ("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r", "\n"),
        ("GET /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n", "xx"),
    ])
    func partOfARequestBehindAnotherIsNoRest(part: String, rest: String) async throws {
        let statistics = AdminStatistics()
        let whole = "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
        try await withListener(FakeSource(), statistics: statistics) {
            $0.limits.connectionsMax = 2
        } _: { port in
            let busy = try HTTPClient(port: port)
            try busy.send(whole + part)
            #expect(try busy.receive().status == 200)
            let idle = try HTTPClient(port: port)
            #expect(try idle.ask("GET", "/livez").status == 200)
            let other = try HTTPClient(port: port)
            #expect(try other.ask("GET", "/livez").status == 200)
            #expect(idle.awaitEnd())
            try busy.send(rest)
            #expect(try busy.receive().status == 200)
            // Now it rests, and has for longer.
            #expect(try other.ask("GET", "/livez").status == 200)
            #expect(try ask(port, "/livez").status == 200)
            #expect(busy.awaitEnd())
            #expect(statistics.connectionsEvicted == 2)
        }
        try await withListener(FakeSource()) {
            $0.limits.requestTimeout = .milliseconds(50)
        } _: { port in
            let slow = try HTTPClient(port: port)
            try slow.send(whole + part)
            #expect(try (0..<2).map { _ in try slow.receive().status } == [200, 408])
            #expect(slow.awaitEnd())
        }
    }

    /// Whoever begins requests and never ends them holds no place against others: the oldest of those gives way.
    @Test func halfRequestsKeepNobodyOut() async throws {
        let statistics = AdminStatistics()
        try await withListener(FakeSource(), statistics: statistics) {
            $0.limits.connectionsMax = 2
        } _: { port in
            let slow = try (0..<2).map { _ in try HTTPClient(port: port) }
            for client in slow {
                #expect(try client.ask("GET", "/livez").status == 200)
                try client.send("GET /livez HTTP/1.1\r\n")
            }
            #expect((try? ask(port, "/livez").status) == 200)
            #expect(slow[0].awaitEnd())
        }
        #expect(statistics.connectionsRefused == 0)
    }

    /// Nor does whoever has been refused and stays.
    @Test func refusedPeersKeepNobodyOut() async throws {
        let statistics = AdminStatistics()
        try await withListener(FakeSource(), statistics: statistics) {
            $0.limits.connectionsMax = 1
            $0.limits.lingerTime = .hours(1)
        } _: { port in
            let refused = try HTTPClient(port: port)
            #expect(try refused.ask("GET", "/livez", "Host: other").status == 400)
            #expect((try? ask(port, "/livez").status) == 200)
        }
        #expect(statistics.connectionsRefused == 0)
        #expect(statistics.connectionsEvicted == 1)
    }

    /// Requests that are being answered do not give way.
    @Test func connectionIsRefusedWhereNobodyIsIdle() async throws {
        let statistics = AdminStatistics()
        let (answers, mayAnswer) = AsyncStream.makeStream(of: Void.self)
        let isAsked = NIOLockedValueBox(false)
        var source = FakeSource()
        source.onProbe = {
            isAsked.withLockedValue { $0 = true }
            for await _ in answers {}
        }
        try await withListener(source, statistics: statistics) {
            $0.limits.connectionsMax = 1
        } _: { port in
            let busy = try HTTPClient(port: port)
            try busy.send("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
            try awaitTrue { isAsked.withLockedValue { $0 } }
            #expect(try HTTPClient(port: port).awaitEnd())
            #expect(statistics.connectionsRefused == 1)
            mayAnswer.finish()
            #expect(try busy.receive().status == 200)
        }
        #expect(statistics.connectionsEvicted == 0)
    }
}

struct Impatient: Error {}

/// Waits for something that an event loop brings about.
func awaitTrue(_ condition: () throws -> Bool) throws {
    let end = NIODeadline.now() + .seconds(30)
    while try !condition() {
        guard NIODeadline.now() < end else { throw Impatient() }
        poll(nil, 0, 1)
    }
}
