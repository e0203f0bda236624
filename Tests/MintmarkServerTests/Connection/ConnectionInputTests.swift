import MintmarkServer
import MintmarkWire
import Testing

/// When frames are taken and when the socket is read.
@Suite struct ConnectionInputTests {
    @Test func burstIsTakenOnceForWhatCame() {
        var machine = MachineFixture.serving()
        #expect(MachineFixture.mustTakeBurst(&machine) == false)
        machine.bytesReceived()
        #expect(MachineFixture.mustTakeBurst(&machine) == true)
        machine.burstEnded(.partialFrame)
        #expect(MachineFixture.mustTakeBurst(&machine) == false)
    }

    @Test func framesWithoutRoomAreTakenWhenThereIsRoom() {
        var machine = MachineFixture.serving(inFlightMax: 1)
        machine.bytesReceived()
        machine.answerParked()
        machine.burstEnded(.noRoom)
        #expect(MachineFixture.mustTakeBurst(&machine) == false)
        machine.answersReleased(1)
        #expect(MachineFixture.mustTakeBurst(&machine) == true)
        machine.isWritable = false
        #expect(MachineFixture.mustTakeBurst(&machine) == false)
    }

    @Test func otherConnectionsGoFirstWhateverComes() {
        var machine = MachineFixture.serving()
        machine.bytesReceived()
        machine.burstEnded(.turnOver)
        machine.bytesReceived()
        machine.isWritable = false
        machine.isWritable = true
        #expect(MachineFixture.mustTakeBurst(&machine) == false)
        #expect(MachineFixture.flow(&machine).readsInput == false)
        machine.turnCame()
        #expect(MachineFixture.mustTakeBurst(&machine) == true)
        #expect(MachineFixture.flow(&machine).readsInput == true)
    }

    @Test func readIsGivenOnceForEachRequest() {
        var machine = MachineFixture.serving()
        let unasked = machine.takeRead()
        #expect(!unasked)
        machine.readRequested()
        let asked = machine.takeRead()
        #expect(asked)
        let again = machine.takeRead()
        #expect(!again)
    }

    @Test func readThatWasWithheldIsOwed() {
        var machine = MachineFixture.serving()
        machine.isWritable = false
        machine.readRequested()
        let full = machine.takeRead()
        #expect(!full)
        machine.isWritable = true
        let owed = machine.takeRead()
        #expect(owed)
    }
}
