import Foundation
import MintmarkClient
import MintmarkTestSupport
import MintmarkWire
import NIOConcurrencyHelpers
import Testing

@testable import MintmarkCommand

@Suite("Commands and servers")
struct ServerTests {
    @Test("an answer is for people, or for scripts")
    func answers() async throws {
        let people = try await completeServed(["verify", "a.b.c", "--any-audience"], script: answering)
        #expect(people == Completion(.done, output: "ACTIVE\n\nsub  \"alice\"\n"))
        let scripts = try await completeServed(
            ["verify", "a.b.c", "--any-audience", "--json"],
            script: { [.write($0.answer)] }
        )
        #expect(scripts == Completion(.done, output: #"{"active":true,"claims":{"sub":"alice"}}"# + "\n"))
    }

    @Test("an inactive token is an answer that refuses")
    func inactive() async throws {
        let completion = try await completeServed(["verify", "a.b.c", "--audience", "orders"]) { request in
            guard request.kind == .verify else { return [.write(request.answer)] }
            let response = VerifyResponse(isActive: false, reason: StatusCode(.audienceRefused))
            return [.write(request.bytes(of: response))]
        }
        let text = "INACTIVE  AUDIENCE_REFUSED: it is for another audience\n"
        #expect(completion == Completion(.refused, output: text))
    }

    @Test("a refusal is told to people and scripts, never with the token")
    func refused() async throws {
        let script: FakeServer.Script = { request in
            request.kind == .refresh ? [.write(request.error(.reused))] : [.write(request.answer)]
        }
        let people = try await completeServed(["refresh", "mmrt_secret"], script: script)
        #expect(people.exitStatus == .refused)
        #expect(people.output.isEmpty)
        #expect(people.errorOutput.hasPrefix("mintmark: REUSED: the refresh token was rotated away before"))
        #expect(!people.errorOutput.contains("mmrt_"))

        let scripts = try await completeServed(["refresh", "mmrt_secret", "--json"], script: script)
        #expect(scripts.exitStatus == .refused)
        #expect(scripts.errorOutput.isEmpty)
        let object = try parsed(scripts.output)
        #expect(object["error"] as? String == "invalid_grant")
        #expect(object["error_code"] as? String == "REUSED")
        #expect(object["error_number"] as? Int == 305)
        #expect(object["retryable"] as? Bool == false)
    }

    @Test("a snapshot that was written, and one that the server does not write")
    func snapshot() async throws {
        let done = try await completeServed(["snapshot"])
        #expect(done == Completion(.done, output: "The snapshot is on disk.\n"))
        let scripts = try await completeServed(["snapshot", "--json"])
        #expect(scripts == Completion(.done, output: #"{"snapshot_written":true}"# + "\n"))
        for (status, words, isRetryable) in [
            (Status.notConfigured, "NOT_CONFIGURED: the server is not set up for this", false),
            (.storage, "STORAGE: the server could not write to its disk", true),
        ] {
            let script: FakeServer.Script = { request in
                request.kind == .snapshot ? [.write(request.error(status))] : [.write(request.answer)]
            }
            let people = try await completeServed(["snapshot"], script: script)
            #expect(people.exitStatus == (isRetryable ? .unavailable : .refused))
            #expect(people.errorOutput.hasPrefix("mintmark: \(words)"))
            let scripts = try await completeServed(["snapshot", "--json"], script: script)
            #expect(scripts.exitStatus == people.exitStatus)
            #expect(try parsed(scripts.output)["retryable"] as? Bool == isRetryable)
        }
    }

    @Test("a snapshot that is not answered has failed when its time is over")
    func snapshotWithoutAnswer() async throws {
        let hasAsked = NIOLockedValueBox(false)
        let speechless: FakeServer.Script = { request in
            if request.kind == .hello { return [.write(request.answer)] }
            hasAsked.withLockedValue { $0 = true }
            return []
        }
        try await withFakeServer(speechless) { server in
            let arguments = ["snapshot", "--server", server.endpoint.description, "--timeout"]
            var timeoutSeconds = 0.25
            var completion = try await complete(arguments + ["\(timeoutSeconds)"])
            // A loaded machine may need longer for the greeting.
            while completion.exitStatus == .unreachable, !hasAsked.withLockedValue({ $0 }) {
                timeoutSeconds = min(2 * timeoutSeconds, ConnectionOptions.timeoutSecondsMax)
                completion = try await complete(arguments + ["\(timeoutSeconds)"])
            }
            #expect(completion.exitStatus == .unavailable)
            #expect(completion.errorOutput.hasSuffix("; whether it was done is not known\n"))
        }
    }

    @Test("a retryable refusal is told at once")
    func busy() async throws {
        let completion = try await completeServed(["keys"]) { request in
            request.kind == .keys ? [.write(request.error(.busy))] : [.write(request.answer)]
        }
        let text = "mintmark: BUSY: the server is overloaded (so the script says)\n"
        #expect(completion == Completion(.unavailable, errorOutput: text))
    }

    @Test("a connection that is lost is not tried again, and may have done something")
    func lost() async throws {
        let completion = try await completeServed(["refresh", "mmrt_a"]) { request in
            request.kind == .refresh ? [.close] : [.write(request.answer)]
        }
        #expect(completion.exitStatus == .unavailable)
        #expect(completion.errorOutput.hasSuffix("; whether it was done is not known\n"))
    }

    @Test(
        "a handshake that fails is no connection",
        arguments: [
            Handshake("ends") { _ in [.close] },
            Handshake("is refused") { [.write($0.error(.versionUnsupported))] },
            Handshake("speaks another version") { [.write($0.hello(version: 2))] },
            Handshake("wants authentication") { [.write($0.hello(authenticationRequired: true))] },
            Handshake("speaks something else") { _ in [.write(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))] },
        ]
    )
    func handshake(row: Handshake) async throws {
        let completion = try await completeServed(["ping"], script: row.script)
        #expect(completion.exitStatus == .unreachable)
        #expect(completion.errorOutput.hasPrefix("mintmark: "))
    }

    struct Handshake: Sendable, CustomStringConvertible {
        let description: String
        let script: FakeServer.Script

        init(_ description: String, _ script: @escaping FakeServer.Script) {
            self.description = description
            self.script = script
        }
    }

    @Test("a server that does not greet is no connection")
    func silence() async throws {
        let silent: FakeServer.Script = { _ in [] }
        try await withFakeServer(silent) { server in
            let completion = try await complete(
                ["ping", "--server", server.endpoint.description, "--timeout", "0.1"]
            )
            #expect(completion.exitStatus == .unreachable, "\(completion.errorOutput)")
        }
    }

    @Test("a server that greets and does not answer has failed")
    func speechlessness() async throws {
        let hasAsked = NIOLockedValueBox(false)
        let speechless: FakeServer.Script = { request in
            if request.kind == .hello { return [.write(request.answer)] }
            hasAsked.withLockedValue { $0 = true }
            return []
        }
        try await withFakeServer(speechless) { server in
            let arguments = ["revoke", "mmrt_a", "--server", server.endpoint.description, "--timeout"]
            var timeoutSeconds = 0.25
            var completion = try await complete(arguments + ["\(timeoutSeconds)"])
            // A loaded machine may need longer for the greeting: the command, which met no server, is given more time.
            while completion.exitStatus == .unreachable, !hasAsked.withLockedValue({ $0 }) {
                timeoutSeconds = min(2 * timeoutSeconds, ConnectionOptions.timeoutSecondsMax)
                completion = try await complete(arguments + ["\(timeoutSeconds)"])
            }
            #expect(completion.exitStatus == .unavailable)
            #expect(completion.errorOutput.hasSuffix("; whether it was done is not known\n"))
        }
    }

    @Test("a socket that is not there is told at once, to scripts too", arguments: [false, true])
    func nothing(asJSON: Bool) async throws {
        let arguments = ["ping", "--unix", "/nonexistent/mintmark.sock", "--timeout", "3600"]
        let completion = try await complete(arguments + (asJSON ? ["--json"] : []))
        #expect(completion.exitStatus == .unreachable)
        #expect(completion.output.isEmpty == !asJSON)
        if asJSON { #expect(try parsed(completion.output)["error_code"] as? String == "CANNOT_CONNECT") }
    }

    @Test("a server beyond this machine is not spoken to in plaintext")
    func beyondLoopback() async throws {
        let completion = try await complete(["ping", "--server", "192.0.2.1:7420", "--timeout", "0.001", "--json"])
        #expect(completion.exitStatus == .unreachable)
        // Without waiting for anything, not even for the end of so short a time.
        #expect(try parsed(completion.output)["error_code"] as? String == "PLAINTEXT_REFUSED")
    }

    @Test("a token longer than the server takes is a usage error")
    func tooLong() async throws {
        let token = "mmrt_" + String(repeating: "a", count: 20_000)
        let completion = try await completeServed(["refresh", token, "--json"]) { request in
            request.kind == .hello ? [.write(request.hello(frameLengthLimit: 16_384))] : [.write(request.answer)]
        }
        #expect(completion.exitStatus == .usage)
    }
}
