import MintmarkTestSupport
import MintmarkWire
import Testing

@testable import MintmarkLoad

/// A server that does one thing wrong, and how the run ends.
@Suite("Faulty servers")
struct FaultyServerTests {
    /// What the server does about requests of a kind behind the first few.
    struct Fault: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var mix: String
        var kind: Kind
        var reaction: FakeServer.Script
        var error: ErrorClass
        var exitStatus: CommandStatus

        init(
            _ description: String,
            _ mix: String,
            _ kind: Kind,
            _ error: ErrorClass,
            _ exitStatus: CommandStatus,
            _ reaction: @escaping FakeServer.Script
        ) {
            testDescription = description
            self.mix = mix
            self.kind = kind
            self.reaction = reaction
            self.error = error
            self.exitStatus = exitStatus
        }
    }

    private static let active = VerifyResponse(claims: Array("{}".utf8), isActive: true)

    static let faults: [Fault] = [
        Fault("a good token is inactive", "verify=1", .verify, .inactive(StatusCode(.tokenExpired)), .wrongAnswer) {
            let answer = VerifyResponse(isActive: false, reason: StatusCode(.tokenExpired))
            return [.write($0.bytes(of: answer))]
        },
        Fault("another token's claims", "verify=1", .verify, .validation, .wrongAnswer) {
            [.write($0.bytes(of: active))]
        },
        Fault("an id that is not underway", "verify=1", .verify, .idMismatch, .wrongAnswer) {
            [.write($0.bytes(of: active, requestID: $0.id ^ 0x8000_0000))]
        },
        Fault("an error to an id that is not underway", "verify=1", .verify, .idMismatch, .wrongAnswer) {
            [.write($0.error(.busy, requestID: 0xFFFF_FFFF))]
        },
        Fault("an answer of another kind", "verify=1", .verify, .protocolDecode, .wrongAnswer) {
            [.write($0.bytes(of: PingResponse(serverTime: 1)))]
        },
        Fault("an answer that is cut short inside", "ping=1", .ping, .protocolDecode, .wrongAnswer) {
            [.write([0, 0, 0, 6, Kind.ping.responseByte, 0] + $0.id.bigEndianBytes)]
        },
        Fault("no frame at all", "ping=1", .ping, .protocolDecode, .wrongAnswer) { _ in
            [.write([0, 0, 0, 0])]
        },
        Fault("a request that was good is refused", "sign=1", .sign, .status(StatusCode(.fieldSize)), .wrongAnswer) {
            [.write($0.error(.fieldSize))]
        },
        Fault("a token that nobody signed", "sign=1", .sign, .validation, .wrongAnswer) {
            let answer = SignResponse(
                serverTime: 1,
                accessToken: Sample.jwt,
                expiresAt: 2,
                expiresInSeconds: 1
            )
            return [.write($0.bytes(of: answer))]
        },
        Fault("a generation that was there before", "refresh=1", .refresh, .validation, .wrongAnswer) {
            let answer = RefreshResponse(grant: Sample.grant, refreshOutcome: .rotated, generation: 0)
            return [.write($0.bytes(of: answer))]
        },
        Fault("a refresh with a token that nobody signed", "refresh=1", .refresh, .validation, .wrongAnswer) {
            var grant = Sample.grant
            grant.accessToken = Sample.jwt
            return [.write($0.bytes(of: RefreshResponse(grant: grant, refreshOutcome: .rotated, generation: 1)))]
        },
        Fault("the end of the stream", "ping=1", .ping, .endOfStream, .aborted) { _ in [.close] },
        Fault("the end of the stream inside a frame", "ping=1", .ping, .endOfStreamInFrame, .aborted) {
            [.write(Array($0.answer.dropLast())), .close]
        },
        Fault("a server that stops", "ping=1", .ping, .status(StatusCode(.shuttingDown)), .aborted) {
            [.write($0.error(.shuttingDown, requestID: 0)), .close]
        },
    ]

    @Test(arguments: faults)
    func isFound(fault: Fault) async throws {
        // Tokens to verify are signed beforehand, and some answers are right.
        let script = behind(fault.kind == .verify ? 3 : 0, fault.kind, of: ModelServer(), fault.reaction)
        var plan = try LoadPlan.small(fault.mix, requests: 60, connections: 1)
        plan.drainNanoseconds = 1_000_000_000
        let report = try await report(of: plan, script)
        #expect(report.tally.errors.entries[fault.error] != nil, "\(report.tally.errors)")
        #expect(report.exitStatus == fault.exitStatus)
        #expect(report.text.contains(fault.error.name))
        #expect(report.json.text.contains("\"\(fault.error.name)\": "))
    }

    @Test("a server that sheds load is told from a wrong one, and asked again")
    func busy() async throws {
        let model = ModelServer()
        let seen = Counting()
        let report = try await report(of: try .small("refresh=1", requests: 60)) { request in
            guard request.kind == .refresh, seen.next() <= 20 else { return model.script(request) }
            return [.write(request.error(.busy))]
        }
        #expect(report.tally.errors.entries[.status(StatusCode(.busy))]?.count == 20)
        #expect(report.tally.operations[LoadOperation.refresh.rawValue].completed == 40)
        #expect(report.exitStatus != .wrongAnswer)
        #expect(report.json.text.contains("\"shed_busy\": 20"))
    }

    @Test("what is prepared is asked for again where a server sheds load")
    func busyPreparations() async throws {
        let model = ModelServer()
        let seen = Counting()
        let report = try await report(of: try .small("refresh=1", requests: 60)) { request in
            guard request.kind == .open, seen.next() <= 5 else { return model.script(request) }
            return [.write(request.error(.busy))]
        }
        #expect(seen.next() > 6)
        #expect(report.tally.errors.entries.isEmpty, "\(report.tally.errors)")
        #expect(report.tally.operations[LoadOperation.refresh.rawValue].completed == 60)
    }

    @Test("a refresh whose outcome is unknown may be answered with its successor")
    func outcomeUnknown() async throws {
        // Longer than any machine needs for a repetition.
        let model = ModelServer(graceMilliseconds: 60_000)
        let seen = Counting()
        let report = try await report(of: try .small("refresh=1", requests: 60)) { request in
            guard request.kind == .refresh, seen.next() <= 5 else { return model.script(request) }
            // It happens, and nobody is told.
            _ = model.answer(request)
            return [.write(request.error(.storage))]
        }
        #expect(report.tally.errors.entries[.status(StatusCode(.storage))]?.count == 5)
        #expect(report.tally.operations[LoadOperation.refresh.rawValue].completed == 55)
        #expect(report.tally.errors.wrongAnswer == nil)
    }

    @Test("a connection that is lost does not end the others")
    func oneOfTwo() async throws {
        let model = ModelServer()
        let report = try await report(of: try .small("ping=1", requests: 60)) { request in
            // The control connection is 0.
            request.connection == 1 && request.kind == .ping ? [.close] : model.script(request)
        }
        #expect(report.tally.errors.entries[.endOfStream]?.count == 4)
        #expect(report.tally.operations[LoadOperation.ping.rawValue].completed == 56)
        #expect(report.exitStatus == .aborted)
    }
}

extension UInt32 {
    fileprivate var bigEndianBytes: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: self >> (24 - 8 * $0)) } }
}
