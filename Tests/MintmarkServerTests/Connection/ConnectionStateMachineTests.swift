import MintmarkServer
import MintmarkWire
import Testing

@Suite struct ConnectionStateMachineTests {
    private static func header(_ kind: UInt8, id: UInt32 = 1, flags: UInt8 = 0) -> FrameHeader {
        FrameHeader(kindByte: kind, flags: flags, requestID: id)
    }

    private static let verify = header(Kind.verify.requestByte)

    private func serving(inFlightMax: Int = 4, bytesBehind: Int = 0) -> ConnectionStateMachine {
        var machine = ConnectionStateMachine(inFlightMax: inFlightMax)
        _ = machine.frameReceived(Self.header(Kind.hello.requestByte), frameBytes: 70)
        let action = machine.helloReceived(lowest: 1, highest: 1, bytesBehind: bytesBehind)
        #expect(action == .answer(version: 1))
        return machine
    }

    /// What the machine lets happen now; `#expect` itself cannot look into a value that cannot be copied.
    private struct Flow: Equatable {
        var takesFrames: Bool
        var readsInput: Bool
        var discardsInput: Bool

        static let serving = Flow(takesFrames: true, readsInput: true, discardsInput: false)
        static let heldBack = Flow(takesFrames: false, readsInput: false, discardsInput: false)
        static let draining = Flow(takesFrames: false, readsInput: false, discardsInput: true)
        static let lingering = Flow(takesFrames: false, readsInput: true, discardsInput: true)
        static let closed = draining
    }

    private func flow(_ machine: borrowing ConnectionStateMachine) -> Flow {
        Flow(
            takesFrames: machine.mayTakeFrame,
            readsInput: machine.wantsInput,
            discardsInput: machine.discardsInput
        )
    }

    // MARK: Greeting

    @Test func greetingTakesHello() {
        var machine = ConnectionStateMachine(inFlightMax: 1)
        let isGreeting = machine.isGreeting
        #expect(isGreeting)
        let action = machine.frameReceived(Self.header(Kind.hello.requestByte), frameBytes: 70)
        #expect(action == .greet)
    }

    @Test func helloWithFlagsIsInvalid() {
        var machine = ConnectionStateMachine(inFlightMax: 1)
        let action = machine.frameReceived(Self.header(Kind.hello.requestByte, flags: 1), frameBytes: 70)
        #expect(action == .fault(WireError(.helloInvalid)))
    }

    @Test func requestIDZeroIsAFaultInEveryPhase() {
        var greeting = ConnectionStateMachine(inFlightMax: 1)
        let first = greeting.frameReceived(Self.header(Kind.hello.requestByte, id: 0), frameBytes: 70)
        #expect(first == .fault(WireError(.requestIDZero)))
        var machine = serving()
        let second = machine.frameReceived(Self.header(Kind.verify.requestByte, id: 0), frameBytes: 70)
        #expect(second == .fault(WireError(.requestIDZero)))
    }

    struct Versions: Sendable {
        var lowest: UInt16
        var highest: UInt16
        var bytesBehind = 0
        var action: ConnectionStateMachine.HelloAction
    }

    @Test(arguments: [
        Versions(lowest: 1, highest: 1, action: .answer(version: 1)),
        Versions(lowest: 0, highest: 9, action: .answer(version: 1)),
        Versions(lowest: 2, highest: 3, action: .fault(WireError(.versionUnsupported))),
        Versions(lowest: 0, highest: 0, action: .fault(WireError(.versionUnsupported))),
        Versions(lowest: 1, highest: 1, bytesBehind: 1, action: .answer(version: 1)),
        Versions(lowest: 1, highest: 2, bytesBehind: 1, action: .fault(WireError(.pipelineTooEarly))),
        Versions(lowest: 2, highest: 3, bytesBehind: 1, action: .fault(WireError(.pipelineTooEarly))),
    ])
    func versionIsChosen(versions: Versions) {
        var machine = ConnectionStateMachine(inFlightMax: 1)
        let action = machine.helloReceived(
            lowest: versions.lowest,
            highest: versions.highest,
            bytesBehind: versions.bytesBehind
        )
        #expect(action == versions.action)
    }

    // MARK: Pipelining behind HELLO

    @Test func sixteenEarlyRequestsAreTakenAndNotOneMore() {
        var machine = serving(bytesBehind: 17 * 20)
        for _ in 0..<Limits.helloPipelineRequestsMax {
            let action = machine.frameReceived(Self.verify, frameBytes: 20)
            #expect(action == .execute)
        }
        let action = machine.frameReceived(Self.verify, frameBytes: 20)
        #expect(action == .fault(WireError(.pipelineTooEarly)))
    }

    @Test(arguments: [(-1, true), (0, true), (1, false)])
    func earlyRequestIsBoundedInSize(excess: Int, isTaken: Bool) {
        let frameBytes = Limits.helloPipelineLengthMax + 4 + excess
        var machine = serving(bytesBehind: frameBytes)
        let action = machine.frameReceived(Self.verify, frameBytes: frameBytes)
        #expect(action == (isTaken ? .execute : .fault(WireError(.pipelineTooEarly))))
    }

    @Test func requestsBehindTheEarlyOnesAreNotCounted() {
        var machine = serving(bytesBehind: 20)
        for _ in 0..<100 {
            let action = machine.frameReceived(Self.verify, frameBytes: 20)
            #expect(action == .execute)
        }
    }

    // MARK: Serving

    @Test func secondHelloIsAFault() {
        var machine = serving()
        let action = machine.frameReceived(Self.header(Kind.hello.requestByte), frameBytes: 70)
        #expect(action == .fault(WireError(.helloRepeated)))
    }

    @Test func authIsRefusedWhereNoneIsOwedAndTheConnectionLives() {
        var machine = serving()
        let action = machine.frameReceived(Self.header(Kind.auth.requestByte), frameBytes: 90)
        #expect(action == .refuse(WireError(.authNotOwed)))
        #expect(flow(machine) == .serving)
    }

    @Test(arguments: [1, 2, 5])
    func requestBeyondTheInFlightLimitIsNotTaken(limit: Int) {
        var machine = serving(inFlightMax: limit)
        for _ in 0..<limit {
            #expect(flow(machine) == .serving)
            machine.answerParked()
        }
        #expect(flow(machine) == .heldBack)
        let action = machine.answersReleased(1)
        #expect(action == .wait)
        #expect(flow(machine) == .serving)
    }

    @Test func nothingIsTakenWhileTheSocketIsFull() {
        var machine = serving()
        machine.isWritable = false
        #expect(flow(machine) == .heldBack)
        machine.isWritable = true
        #expect(flow(machine) == .serving)
    }

    // MARK: Closing

    @Test func faultWithoutParkedAnswersIsSaidAtOnce() {
        var machine = serving()
        let action = machine.faultFound(WireError(.frameLength), requestID: 0)
        #expect(action == .say(.error(WireError(.frameLength), requestID: 0)))
        #expect(flow(machine) == .lingering)
    }

    @Test func farewellWaitsForParkedAnswers() {
        var machine = serving()
        machine.answerParked()
        machine.answerParked()
        let fault = machine.faultFound(WireError(.frameTimeout), requestID: 0)
        #expect(fault == .wait)
        #expect(flow(machine) == .draining)
        let first = machine.answersReleased(1)
        #expect(first == .wait)
        let second = machine.answersReleased(1)
        #expect(second == .say(.error(WireError(.frameTimeout), requestID: 0)))
    }

    @Test func endOfInputIsAnsweredWithSilence() {
        var machine = serving()
        let action = machine.inputEnded()
        #expect(action == .say(.silence))
    }

    @Test func shutdownIsSaid() {
        var machine = serving()
        let action = machine.shutdownRequested()
        #expect(action == .say(.error(WireError(.shuttingDown), requestID: 0)))
    }

    @Test func secondReasonToCloseIsIgnored() {
        var machine = serving()
        machine.answerParked()
        _ = machine.faultFound(WireError(.frameLength), requestID: 0)
        let again = machine.shutdownRequested()
        #expect(again == .wait)
        let action = machine.answersReleased(1)
        #expect(action == .say(.error(WireError(.frameLength), requestID: 0)))
        let late = machine.faultFound(WireError(.frameTimeout), requestID: 0)
        #expect(late == .wait)
    }

    @Test func closedSocketEndsEverything() {
        var machine = serving()
        machine.answerParked()
        machine.socketClosed()
        #expect(flow(machine) == .closed)
    }
}
