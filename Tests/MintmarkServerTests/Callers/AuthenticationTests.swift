import MintmarkCrypto
import MintmarkEngine
import MintmarkTestSupport
import MintmarkWire
import NIOCore
import Testing

@testable import MintmarkServer

/// AUTH as the server judges it: who gets in, who does not, under which counter, and what it may cost before.
@Suite struct AuthenticationTests {
    private let key = Ed25519SigningKey(random: SystemRandom())

    /// A connection over TCP in clear, with the client `web` who is known by `key`.
    private func connection(_ callers: CallerDirectory? = nil) throws -> ConnectionFixture {
        let directory = callers ?? .web(key)
        return try ConnectionFixture { $0.callers = directory }
    }

    /// Greets; returns the answer to HELLO, which says that authentication is owed.
    private func greet(_ fixture: ConnectionFixture) throws -> [UInt8] {
        try fixture.receive(frame(HelloRequest.test))
        let answer = try #require(try fixture.answers().first)
        #expect(try answer.decoded(as: HelloResponse.self).authenticationRequired)
        return answer.frame
    }

    private func authenticate(
        _ fixture: ConnectionFixture,
        _ change: (inout Authenticator) -> Void = { _ in }
    ) throws -> Answer {
        let helloAnswer = try greet(fixture)
        var authenticator = Authenticator(key: key)
        change(&authenticator)
        let request = authenticator.request(hello: frame(HelloRequest.test), helloAnswer: helloAnswer)
        try fixture.receive(frame(request, id: 2))
        return try #require(try fixture.answers().first)
    }

    @Test func goodSignatureLetsInAndNamesTheCaller() throws {
        let fixture = try connection()
        let answer = try authenticate(fixture)
        #expect(answer.id == 2)
        _ = try answer.decoded(as: AuthResponse.self)
        #expect(fixture.subject.caller?.id == "web")
        #expect(fixture.count("handshakes_authenticated") == 1)
        try fixture.receive(frame(ping, id: 3) + frame(SnapshotRequest(), id: 4))
        #expect(try fixture.answers().map(\.status) == [nil, .notPermitted])
    }

    @Test func eachOfSeveralKeysLetsIn() throws {
        let other = Ed25519SigningKey(random: SystemRandom())
        for key in [key, other] {
            let fixture = try connection(.web(self.key, other))
            #expect(try authenticate(fixture) { $0.key = key }.status == nil)
        }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let what: String
        let counter: String
        let change: @Sendable (inout Authenticator) -> Void

        var testDescription: String { what }
    }

    @Test(arguments: [
        Refusal(what: "another key", counter: "handshakes_signature_invalid") {
            $0.key = Ed25519SigningKey(random: SystemRandom())
        },
        Refusal(what: "an unknown client", counter: "handshakes_client_unknown") { $0.clientID = "nobody" },
        Refusal(what: "a client id in other letters", counter: "handshakes_client_unknown") { $0.clientID = "Web" },
        Refusal(what: "another port", counter: "handshakes_signature_invalid") {
            $0.binding = .loopback(address: "127.0.0.1:7421")
        },
        Refusal(what: "another address", counter: "handshakes_signature_invalid") {
            $0.binding = .loopback(address: "127.0.0.2:7420")
        },
        Refusal(what: "a certificate's binding", counter: "handshakes_signature_invalid") {
            $0.binding = .tls(certificateSHA256: [UInt8](repeating: 1, count: 32))
        },
    ])
    func oneFailureCloses(refusal: Refusal) throws {
        let (directory, audit) = (CallerDirectory.web(key), AuditRecorder())
        let fixture = try ConnectionFixture {
            $0.callers = directory
            $0.audit = audit
        }
        let answer = try authenticate(fixture, refusal.change)
        #expect(answer.status == .authFailed)
        #expect(answer.id == 2)
        #expect(answer.error?.field == nil)
        #expect(fixture.count(refusal.counter) == 1)
        #expect(fixture.subject.caller == nil)
        // The audit log tells who it said to be.
        var said = Authenticator(key: key)
        refusal.change(&said)
        #expect(audit.events.map(\.name) == [.callerRefused])
        #expect(audit.events.map(\.reason) == [String(refusal.counter.dropFirst("handshakes_".count))])
        #expect(audit.events.map(\.clientID) == [Array(said.clientID.utf8)])
        // Nothing is begun behind it.
        try fixture.receive(frame(ping, id: 3))
        #expect(try fixture.answers().isEmpty)
    }

    @Test func malformedAuthIsNamedByItsFieldAlone() throws {
        let fixture = try connection()
        _ = try greet(fixture)
        try fixture.receive(frame(kind: Kind.auth.requestByte, id: 2, body: [0x0D, 1, 0]))
        let answer = try #require(try fixture.answers().first)
        #expect(answer.status == .authFailed)
        #expect(answer.error?.field == Tag.signature.rawValue)
        #expect(fixture.count("handshakes_auth_malformed") == 1)
    }

    @Test func authWithFlagsFails() throws {
        let fixture = try connection()
        _ = try greet(fixture)
        try fixture.receive(frame(kind: Kind.auth.requestByte, flags: 1, id: 2))
        #expect(try fixture.answers().map(\.status) == [.authFailed])
    }

    /// A signature that was good once is good for that connection alone.
    @Test func signatureOfAnotherConnectionIsReplayedInVain() throws {
        let first = try connection()
        let request = Authenticator(key: key).request(hello: frame(HelloRequest.test), helloAnswer: try greet(first))
        try first.receive(frame(request, id: 2))
        #expect(try first.answers().map(\.status) == [nil])
        let second = try connection()
        _ = try greet(second)
        try second.receive(frame(request, id: 2))
        #expect(try second.answers().map(\.status) == [.authFailed])
        #expect(second.count("handshakes_signature_invalid") == 1)
        // And on its own connection it serves once.
        try first.receive(frame(request, id: 3))
        #expect(try first.answers().map(\.status) == [.authNotOwed])
    }

    @Test(
        arguments: [
            (frame(ping, id: 2), Status.authRequired, 2),
            (frame(SignRequest.test(), id: 9), .authRequired, 9),
            (frame(kind: 0x7E, id: 9), .authRequired, 9),
            (frame(HelloRequest.test, id: 2), .helloRepeated, 2),
            (frame(ping, id: 0), .requestIDZero, 0),
        ] as [([UInt8], Status, UInt32)]
    )
    func nothingElseComesBeforeAuth(bytes: [UInt8], status: Status, id: UInt32) throws {
        let fixture = try connection()
        _ = try greet(fixture)
        try fixture.receive(bytes)
        let answer = try #require(try fixture.answers().first)
        #expect(answer.status == status)
        #expect(answer.id == id)
        #expect(fixture.sessionsCount == 0)
    }

    /// What is pipelined behind HELLO is not begun.
    @Test func requestBehindHelloIsRefused() throws {
        let fixture = try connection()
        try fixture.receive(frame(HelloRequest.test) + frame(OpenRequest.test(), id: 2))
        #expect(try fixture.answers().map(\.status) == [nil, .authRequired])
        #expect(fixture.sessionsCount == 0)
    }

    @Test func authIsNotOwedWhereTheChannelTells() throws {
        let caller = Caller.ordinary("web")
        let directory = CallerDirectory([.userID(7): caller])
        let fixture = try ConnectionFixture {
            $0.callers = directory
            $0.origin = .unix(userID: 7)
        }
        try fixture.greet()
        let request = Authenticator(key: key).request(hello: [], helloAnswer: [])
        try fixture.receive(frame(request, id: 2) + frame(ping, id: 3))
        #expect(try fixture.answers().map(\.status) == [.authNotOwed, nil])
    }

    @Test func handshakeHasADeadlineThatAnsweringHelloDoesNotEnd() throws {
        let directory = CallerDirectory.web(key)
        let fixture = try ConnectionFixture {
            $0.callers = directory
            $0.timeouts.handshake = .seconds(10)
        }
        _ = try greet(fixture)
        fixture.advance(.seconds(9))
        #expect(try fixture.answers().isEmpty)
        fixture.advance(.seconds(2))
        #expect(try fixture.answers().map(\.status) == [.handshakeTimeout])
    }

    @Test func deadlineEndsWithAuthentication() throws {
        let directory = CallerDirectory.web(key)
        let fixture = try ConnectionFixture {
            $0.callers = directory
            $0.timeouts.handshake = .seconds(10)
        }
        #expect(try authenticate(fixture).status == nil)
        fixture.advance(.seconds(20))
        try fixture.receive(frame(ping, id: 3))
        #expect(try fixture.answers().map(\.status) == [nil])
    }

    /// 16 KiB in all may come before; HELLO is part of it.
    @Test(arguments: [(-1, Status?.some(.authFailed)), (0, .authFailed), (1, .frameLength)])
    func unauthenticatedInputHasABound(excess: Int, status: Status?) throws {
        let fixture = try connection()
        _ = try greet(fixture)
        let left = ConnectionStateMachine.unauthenticatedBytesMax - frame(HelloRequest.test).count
        let body = [UInt8](repeating: 0xFF, count: left + excess - FrameHeader.Layout.body)
        let bytes = frame(kind: Kind.auth.requestByte, id: 2, body: body)
        #expect(bytes.count == left + excess)
        try fixture.receive(bytes)
        #expect(try fixture.answers().map(\.status) == [status])
    }

    /// Told from the first four bytes: nothing more is waited for.
    @Test func frameBeyondTheBoundIsRefusedAtItsLength() throws {
        let fixture = try connection()
        _ = try greet(fixture)
        try fixture.receive(bigEndian(UInt32(ConnectionStateMachine.unauthenticatedBytesMax)))
        #expect(try fixture.answers().map(\.status) == [.frameLength])
    }

    @Test func unauthenticatedOutputIsFarBelowItsBound() throws {
        let fixture = try connection()
        try fixture.receive(frame(HelloRequest.test))
        try fixture.receive(frame(kind: Kind.auth.requestByte, id: 2, body: [UInt8](repeating: 0xFF, count: 9_000)))
        let answers = try fixture.answers()
        #expect(answers.count == 2)
        #expect(answers.reduce(0) { $0 + $1.frame.count } < 1_024)
    }

    /// The specification's transcripts and signatures, judged by the code that judges connections.
    @Test func vectorsAreJudgedAsTheySay() throws {
        let vectors = try AuthTranscriptVectors.read()
        let decoded = Ed25519PublicKey(vectors.publicKey.bytes.span.bytes)
        let publicKey = try #require(decoded)
        for vector in vectors.cases {
            let clientID = Array(vector.clientID.utf8)
            let caller = Caller.ordinary(vector.clientID)
            let directory = CallerDirectory([.publicKey(clientID: clientID, publicKey): caller])
            let isGood: Bool
            do throws(HandshakeRefusal) {
                let match = try directory.authenticate(
                    clientID: clientID,
                    signature: vector.signature.bytes.span.bytes,
                    transcript: vector.transcript.bytes.span.bytes
                )
                isGood = match.caller === caller
            } catch {
                isGood = false
            }
            #expect(isGood == vector.valid, "\(vector.name)")
        }
    }
}
