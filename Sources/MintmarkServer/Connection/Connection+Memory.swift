import MintmarkEngine
import MintmarkWire
import NIOCore

/// What a connection holds, and what follows from it when all of them hold too much.
extension Connection {
    /// Answers and requests that wait for the disk; with this much no other request is taken.
    static let parkedBytesMax = 1 << 20

    var parkedBytes: Int { parked.byteCount + parkedSnapshots.byteCount }

    private var heldParkedBytes: Int {
        parked.heldByteCount + parkedSnapshots.heldByteCount
            + parkedKeys.count * MemoryLayout<(KeyJob, UInt32, ParkedOrigin)>.stride
    }

    /// Tells the machine of what is parked. To be called whenever that has changed.
    func noteParked() {
        machine.isParkingFull = parkedBytes >= Self.parkedBytesMax
    }

    /// Reports what the connection holds now: nothing once it is closed.
    func settleMemory() {
        let bytes = isOpen ? input.readableBytes + keptCount + heldParkedBytes + unsentCount : 0
        if bytes != heldBytes {
            worker.memory.add(bytes - heldBytes)
            heldBytes = bytes
        }
    }

    /// What a connection may hold before it is ever held back: the parts of a frame and of a TLS record. With those alone
    /// nothing would become less by waiting, and whoever waits to be read could never send the rest.
    private var unfinishedBytesMax: Int {
        worker.settings.frameLengthMax + FrameHeader.Layout.lengthSize + TLSRecordMeter.recordBytesMax
    }

    /// While everything is held that may be, whoever holds more than an equal share is not read until that is less.
    ///
    /// It becomes less by itself: frames that were read are served, answers leave when the disk has done its part, and output
    /// that the peer takes slowly has a deadline.
    func holdBackIfGreedy() {
        let isHeldBack =
            worker.memory.isExhausted && heldBytes > max(worker.memory.shareBytes, unfinishedBytesMax)
        if isHeldBack {
            worker.holdBack(self, isNew: !machine.isHeldBack)
        }
        machine.isHeldBack = isHeldBack
    }

    /// Whether it holds more than an equal share while everything is held that may be.
    var isOverdrawn: Bool { worker.memory.isExhausted && heldBytes > worker.memory.shareBytes }

    /// What is left of the input is copied out of its buffer when it is small: otherwise a connection that has once sent much
    /// would have the server set aside kibibytes for five bytes of the next frame.
    func compactInput() {
        let count = input.readableBytes
        guard count > 0, count <= Self.compactedBytesMax, input.capacity > 4 * count else {
            return
        }
        input = ByteBuffer(bytes: input.readableBytesView)
    }

    private static let compactedBytesMax = 4 * 1024
}
