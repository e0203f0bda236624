import MintmarkWire
import Testing

@testable import MintmarkClient

@Suite("Connection state machine")
struct ConnectionStateMachineTests {
    private let call = CallID(slot: 0, serial: 0)
    private let other = CallID(slot: 1, serial: 0)

    private func hello(
        version: UInt16 = 1,
        frameLengthLimit: UInt32 = 65_536,
        inFlightLimit: UInt32 = 2,
        authenticationRequired: Bool = false
    ) -> HelloResponse {
        HelloResponse(
            version: version,
            serverBuild: "fake/1",
            serverTime: 1,
            frameLengthLimit: frameLengthLimit,
            inFlightLimit: inFlightLimit,
            serverNonce: [UInt8](repeating: 0, count: 32),
            authenticationRequired: authenticationRequired
        )
    }

    private func opened() -> ConnectionStateMachine {
        var machine = ConnectionStateMachine()
        _ = machine.frameReceived(FrameHeader(kindByte: Kind.hello.responseByte, requestID: 1))
        _ = machine.helloAnswered(hello())
        return machine
    }

    private func header(_ kind: Kind, _ id: UInt32, flags: UInt8 = 0) -> FrameHeader {
        FrameHeader(kindByte: kind.responseByte, flags: flags, requestID: id)
    }

    @Test("nothing is sent before HELLO is answered")
    func greeting() {
        var machine = ConnectionStateMachine()
        let helloID = machine.helloID
        #expect(helloID == 1)
        let early = machine.send(call, kind: .ping, frameLength: 6)
        #expect(early == .unavailable)
        let frame = machine.frameReceived(header(.hello, 1))
        #expect(frame == .readHello)
        let action = machine.helloAnswered(hello())
        #expect(action == .open(ConnectionLimits(frameLengthMax: 65_536, inFlightMax: 2)))
    }

    @Test(
        "a HELLO answer outside of what was offered closes",
        arguments: [
            (0, 65_536, 2), (2, 65_536, 2), (1, 16_383, 2), (1, 1_048_577, 2), (1, 65_536, 0), (1, 65_536, 65_536),
        ] as [(UInt16, UInt32, UInt32)]
    )
    func wrongHello(_ version: UInt16, _ frameLimit: UInt32, _ inFlightLimit: UInt32) {
        var machine = ConnectionStateMachine()
        let answer = hello(version: version, frameLengthLimit: frameLimit, inFlightLimit: inFlightLimit)
        guard case .close = machine.helloAnswered(answer) else {
            Issue.record("the answer was taken")
            return
        }
    }

    @Test("the outermost limits are taken", arguments: [(16_384, 1), (1_048_576, 65_535)] as [(UInt32, UInt32)])
    func outermostLimits(_ frameLimit: UInt32, _ inFlightLimit: UInt32) {
        var machine = ConnectionStateMachine()
        let action = machine.helloAnswered(hello(frameLengthLimit: frameLimit, inFlightLimit: inFlightLimit))
        let limits = ConnectionLimits(frameLengthMax: Int(frameLimit), inFlightMax: Int(inFlightLimit))
        #expect(action == .open(limits))
    }

    @Test("authentication that is owed is refused")
    func authenticationOwed() {
        var machine = ConnectionStateMachine()
        let action = machine.helloAnswered(hello(authenticationRequired: true))
        #expect(action == .refuseAuthentication)
    }

    @Test("authentication that is owed is done where there is an identity")
    func authenticates() {
        var machine = ConnectionStateMachine()
        guard
            case .authenticate(let requestID) = machine.helloAnswered(
                hello(authenticationRequired: true),
                hasIdentity: true
            )
        else {
            Issue.record("AUTH was not sent")
            return
        }
        let early = machine.send(call, kind: .ping, frameLength: 10)
        #expect(early == .unavailable)
        let action = machine.frameReceived(FrameHeader(kindByte: Kind.auth.responseByte, requestID: requestID))
        #expect(action == .readAuth)
        let limits = machine.authAnswered()
        #expect(limits == ConnectionLimits(frameLengthMax: 65_536, inFlightMax: 2))
        guard case .write = machine.send(call, kind: .ping, frameLength: 10) else {
            Issue.record("the connection is not open")
            return
        }
    }

    @Test("an error before the answer to AUTH refuses it", arguments: [0, 2, 99] as [UInt32])
    func authRefused(_ id: UInt32) {
        var machine = ConnectionStateMachine()
        _ = machine.helloAnswered(hello(authenticationRequired: true), hasIdentity: true)
        let action = machine.errorReceived(StatusCode(.authFailed), requestID: id)
        #expect(action == .refuseHandshake)
    }

    @Test("any error before the answer to HELLO refuses it", arguments: [0, 1, 99] as [UInt32])
    func helloRefused(_ id: UInt32) {
        var machine = ConnectionStateMachine()
        let action = machine.errorReceived(StatusCode(.versionUnsupported), requestID: id)
        #expect(action == .refuseHandshake)
    }

    @Test("frames up to the server's limit are sent", arguments: [(65_535, true), (65_536, true), (65_537, false)])
    func frameLimit(_ length: Int, _ isSent: Bool) {
        var machine = opened()
        let action = machine.send(call, kind: .sign, frameLength: length)
        if isSent {
            guard case .write = action else {
                Issue.record("the frame was refused: \(action)")
                return
            }
        } else {
            #expect(action == .tooLong(limit: 65_536))
        }
    }

    @Test("requests up to the in-flight limit are sent, abandoned ones included")
    func inFlightLimit() {
        var machine = opened()
        guard case .write(let first) = machine.send(call, kind: .ping, frameLength: 6) else {
            Issue.record("the first request was refused")
            return
        }
        _ = machine.send(other, kind: .ping, frameLength: 6)
        machine.abandon(first)
        let beyond = machine.send(CallID(slot: 2, serial: 0), kind: .ping, frameLength: 6)
        #expect(beyond == .unavailable)
        let late = machine.frameReceived(header(.ping, first))
        #expect(late == .discard)
        guard case .write(let third) = machine.send(call, kind: .ping, frameLength: 6) else {
            Issue.record("the room was not given back")
            return
        }
        #expect(third != first)
    }

    @Test("what does not fit its request closes the connection")
    func violations() {
        var machine = opened()
        guard case .write(let id) = machine.send(call, kind: .ping, frameLength: 6) else {
            Issue.record("the request was refused")
            return
        }
        let flags = machine.frameReceived(header(.ping, id, flags: 1))
        #expect(flags == .close(.flags(1)))
        let kind = machine.frameReceived(header(.verify, id))
        #expect(kind == .close(.unexpectedKind(Kind.verify.responseByte, requestID: id)))
        let request = machine.frameReceived(FrameHeader(kindByte: Kind.ping.requestByte, requestID: id))
        #expect(request == .close(.unexpectedKind(Kind.ping.requestByte, requestID: id)))
        let unknown = machine.frameReceived(header(.ping, 7))
        #expect(unknown == .close(.unknownRequestID(7)))
        let error = machine.errorReceived(StatusCode(.busy), requestID: 7)
        #expect(error == .close(.unknownRequestID(7)))
        let good = machine.frameReceived(header(.ping, id))
        #expect(good == .deliver(call))
        let again = machine.frameReceived(header(.ping, id))
        #expect(again == .close(.unknownRequestID(id)))
    }
}

@Suite("Connection state machine: errors and the end")
struct ConnectionEndTests {
    private let call = CallID(slot: 0, serial: 0)
    private let other = CallID(slot: 1, serial: 0)

    /// A machine with two requests in flight, and their ids.
    private struct Busy: ~Copyable {
        var machine: ConnectionStateMachine
        let first: UInt32
        let second: UInt32
    }

    private func busy() -> Busy {
        var machine = ConnectionStateMachine()
        _ = machine.frameReceived(FrameHeader(kindByte: Kind.hello.responseByte, requestID: 1))
        let hello = HelloResponse(
            version: 1,
            serverBuild: "fake/1",
            serverTime: 1,
            frameLengthLimit: 65_536,
            inFlightLimit: 8,
            serverNonce: [UInt8](repeating: 0, count: 32),
            authenticationRequired: false
        )
        _ = machine.helloAnswered(hello)
        guard
            case .write(let first) = machine.send(call, kind: .ping, frameLength: 6),
            case .write(let second) = machine.send(other, kind: .verify, frameLength: 6)
        else { preconditionFailure("an open connection refuses a request") }
        return Busy(machine: machine, first: first, second: second)
    }

    @Test("an error of the request leaves the connection open")
    func requestError() {
        var busy = busy()
        let action = busy.machine.errorReceived(StatusCode(.claimsInvalid), requestID: busy.first)
        #expect(action == .fail(call))
        guard case .write = busy.machine.send(call, kind: .ping, frameLength: 6) else {
            Issue.record("the connection takes no more requests")
            return
        }
    }

    @Test("an error without a request is ignored unless it closes", arguments: [200, 299, 402, 502, 999] as [UInt16])
    func errorWithoutRequest(_ number: UInt16) {
        var busy = busy()
        let action = busy.machine.errorReceived(StatusCode(rawValue: number), requestID: 0)
        #expect(action == .ignore)
    }

    @Test("every 1xx ends, known or not, whatever its id", arguments: [100, 101, 111, 112, 150, 199] as [UInt16])
    func closingError(_ number: UInt16) {
        for id in [0, 1, 77] as [UInt32] {
            var busy = busy()
            let requestID = id == 1 ? busy.first : id
            let action = busy.machine.errorReceived(StatusCode(rawValue: number), requestID: requestID)
            #expect(action == .end(id == 1 ? call : nil))
            let refused = busy.machine.send(call, kind: .ping, frameLength: 6)
            #expect(refused == .unavailable)
            let loss = busy.machine.closed()
            #expect(loss?.calls == (id == 1 ? [other] : [call, other]))
            #expect(loss?.wereBegun == false)
        }
    }

    @Test("without a closing error nothing is known of what was begun, and an end is an end once")
    func loss() {
        var busy = busy()
        let loss = busy.machine.closed()
        #expect(loss?.calls == [call, other])
        #expect(loss?.wereBegun == true)
        let again = busy.machine.closed()
        #expect(again == nil)
    }
}
