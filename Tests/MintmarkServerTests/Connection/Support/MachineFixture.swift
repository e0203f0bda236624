import MintmarkServer
import MintmarkWire
import Testing

/// Machines to begin with, and looks into a value that cannot be copied: `#expect` itself cannot take one.
enum MachineFixture {
    static func header(_ kind: UInt8, id: UInt32 = 1, flags: UInt8 = 0) -> FrameHeader {
        FrameHeader(kindByte: kind, flags: flags, requestID: id)
    }

    static let verify = header(Kind.verify.requestByte)

    static func serving(inFlightMax: Int = 4, bytesBehind: Int = 0) -> ConnectionStateMachine {
        var machine = ConnectionStateMachine(inFlightMax: inFlightMax)
        _ = machine.frameReceived(header(Kind.hello.requestByte), frameBytes: 70)
        let action = machine.helloReceived(lowest: 1, highest: 1, bytesBehind: bytesBehind)
        #expect(action == .answer(version: 1))
        return machine
    }

    /// What the machine lets happen now.
    struct Flow: Equatable {
        var takesFrames: Bool
        var readsInput: Bool
        var discardsInput: Bool

        static let serving = Flow(takesFrames: true, readsInput: true, discardsInput: false)
        static let heldBack = Flow(takesFrames: false, readsInput: false, discardsInput: false)
        static let draining = Flow(takesFrames: false, readsInput: false, discardsInput: true)
        static let lingering = Flow(takesFrames: false, readsInput: true, discardsInput: true)
        static let closed = draining
    }

    /// Asks for a read each time: what is read is owed once.
    static func flow(_ machine: inout ConnectionStateMachine) -> Flow {
        machine.readRequested()
        return Flow(
            takesFrames: machine.mayTakeFrame,
            readsInput: machine.takeRead(),
            discardsInput: machine.discardsInput
        )
    }

    static func mustTakeBurst(_ machine: inout ConnectionStateMachine) -> Bool { machine.mustTakeBurst }
}
