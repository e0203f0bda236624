import MintmarkServer
import MintmarkWire
import Testing

@Suite struct ConnectionStateMachineTests {
    // MARK: Greeting

    @Test func greetingTakesHello() {
        var machine = ConnectionStateMachine(inFlightMax: 1)
        let isGreeting = machine.isGreeting
        #expect(isGreeting)
        let action = machine.frameReceived(MachineFixture.header(Kind.hello.requestByte), frameBytes: 70)
        #expect(action == .greet)
    }

    @Test func helloWithFlagsIsInvalid() {
        var machine = ConnectionStateMachine(inFlightMax: 1)
        let action = machine.frameReceived(MachineFixture.header(Kind.hello.requestByte, flags: 1), frameBytes: 70)
        #expect(action == .fault(WireError(.helloInvalid)))
    }

    @Test func requestIDZeroIsAFaultInEveryPhase() {
        var greeting = ConnectionStateMachine(inFlightMax: 1)
        let first = greeting.frameReceived(MachineFixture.header(Kind.hello.requestByte, id: 0), frameBytes: 70)
        #expect(first == .fault(WireError(.requestIDZero)))
        var machine = MachineFixture.serving()
        let second = machine.frameReceived(MachineFixture.header(Kind.verify.requestByte, id: 0), frameBytes: 70)
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
        var machine = MachineFixture.serving(bytesBehind: 17 * 20)
        for _ in 0..<Limits.helloPipelineRequestsMax {
            let action = machine.frameReceived(MachineFixture.verify, frameBytes: 20)
            #expect(action == .execute)
        }
        let action = machine.frameReceived(MachineFixture.verify, frameBytes: 20)
        #expect(action == .fault(WireError(.pipelineTooEarly)))
    }

    @Test(arguments: [(-1, true), (0, true), (1, false)])
    func earlyRequestIsBoundedInSize(excess: Int, isTaken: Bool) {
        let frameBytes = Limits.helloPipelineLengthMax + 4 + excess
        var machine = MachineFixture.serving(bytesBehind: frameBytes)
        let action = machine.frameReceived(MachineFixture.verify, frameBytes: frameBytes)
        #expect(action == (isTaken ? .execute : .fault(WireError(.pipelineTooEarly))))
    }

    @Test func requestsBehindTheEarlyOnesAreNotCounted() {
        var machine = MachineFixture.serving(bytesBehind: 20)
        for _ in 0..<100 {
            let action = machine.frameReceived(MachineFixture.verify, frameBytes: 20)
            #expect(action == .execute)
        }
    }

    // MARK: Serving

    @Test func secondHelloIsAFault() {
        var machine = MachineFixture.serving()
        let action = machine.frameReceived(MachineFixture.header(Kind.hello.requestByte), frameBytes: 70)
        #expect(action == .fault(WireError(.helloRepeated)))
    }

    @Test func authIsRefusedWhereNoneIsOwedAndTheConnectionLives() {
        var machine = MachineFixture.serving()
        let action = machine.frameReceived(MachineFixture.header(Kind.auth.requestByte), frameBytes: 90)
        #expect(action == .refuse(WireError(.authNotOwed)))
        #expect(MachineFixture.flow(&machine) == .serving)
    }

    @Test(arguments: [1, 2, 5])
    func requestBeyondTheInFlightLimitIsNotTaken(limit: Int) {
        var machine = MachineFixture.serving(inFlightMax: limit)
        for _ in 0..<limit {
            #expect(MachineFixture.flow(&machine) == .serving)
            machine.answerParked()
        }
        #expect(MachineFixture.flow(&machine) == .heldBack)
        machine.answersReleased(1)
        #expect(MachineFixture.flow(&machine) == .serving)
    }

    @Test func nothingIsTakenWhileTheSocketIsFull() {
        var machine = MachineFixture.serving()
        machine.isWritable = false
        #expect(MachineFixture.flow(&machine) == .heldBack)
        machine.isWritable = true
        #expect(MachineFixture.flow(&machine) == .serving)
    }

    // MARK: Closing

    @Test func faultWithoutParkedAnswersIsSaidAtOnceAndOnce() {
        var machine = MachineFixture.serving()
        machine.faultFound(WireError(.frameLength), requestID: 0)
        #expect(MachineFixture.flow(&machine) == .draining)
        let farewell = machine.takeFarewell()
        #expect(farewell == .error(WireError(.frameLength), requestID: 0))
        #expect(MachineFixture.flow(&machine) == .lingering)
        let second = machine.takeFarewell()
        #expect(second == nil)
    }

    @Test func nothingBehindAFaultIsTakenWhateverBecomesOfTheSocket() {
        var machine = MachineFixture.serving()
        machine.bytesReceived()
        machine.faultFound(WireError(.frameLength), requestID: 0)
        machine.isWritable = false
        machine.isWritable = true
        machine.bytesReceived()
        machine.turnCame()
        #expect(MachineFixture.mustTakeBurst(&machine) == false)
        _ = machine.takeFarewell()
        #expect(MachineFixture.mustTakeBurst(&machine) == false)
    }

    @Test func farewellWaitsForParkedAnswers() {
        var machine = MachineFixture.serving()
        machine.answerParked()
        machine.answerParked()
        machine.faultFound(WireError(.frameTimeout), requestID: 0)
        let none = machine.takeFarewell()
        #expect(none == nil)
        #expect(MachineFixture.flow(&machine) == .draining)
        machine.answersReleased(1)
        let first = machine.takeFarewell()
        #expect(first == nil)
        machine.answersReleased(1)
        let second = machine.takeFarewell()
        #expect(second == .error(WireError(.frameTimeout), requestID: 0))
    }

    @Test func endOfInputIsAnsweredWithSilence() {
        var machine = MachineFixture.serving()
        machine.inputEnded()
        let farewell = machine.takeFarewell()
        #expect(farewell == .silence)
    }

    @Test(arguments: [ConnectionStateMachine.BurstEnd.noRoom, .turnOver])
    func endOfInputWaitsForTheFramesBeforeIt(end: ConnectionStateMachine.BurstEnd) {
        var machine = MachineFixture.serving()
        machine.bytesReceived()
        machine.burstEnded(end)
        machine.inputEnded()
        let early = machine.takeFarewell()
        #expect(early == nil)
        machine.turnCame()
        #expect(MachineFixture.mustTakeBurst(&machine) == true)
        machine.burstEnded(.partialFrame)
        let farewell = machine.takeFarewell()
        #expect(farewell == .silence)
    }

    @Test func shutdownIsSaid() {
        var machine = MachineFixture.serving()
        machine.shutdownRequested()
        let farewell = machine.takeFarewell()
        #expect(farewell == .error(WireError(.shuttingDown), requestID: 0))
    }

    @Test func secondReasonToCloseIsIgnored() {
        var machine = MachineFixture.serving()
        machine.answerParked()
        machine.faultFound(WireError(.frameLength), requestID: 0)
        machine.shutdownRequested()
        machine.answersReleased(1)
        let farewell = machine.takeFarewell()
        #expect(farewell == .error(WireError(.frameLength), requestID: 0))
        machine.faultFound(WireError(.frameTimeout), requestID: 0)
        let late = machine.takeFarewell()
        #expect(late == nil)
    }

    @Test func closedSocketEndsEverything() {
        var machine = MachineFixture.serving()
        machine.answerParked()
        machine.bytesReceived()
        machine.socketClosed()
        #expect(MachineFixture.flow(&machine) == .closed)
        #expect(MachineFixture.mustTakeBurst(&machine) == false)
        machine.answersReleased(1)
        machine.shutdownRequested()
        let farewell = machine.takeFarewell()
        #expect(farewell == nil)
    }
}
