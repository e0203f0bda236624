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

    /// Reports what the connection holds now. Output counts from the high-water mark of the transport on.
    func settleMemory() {
        let unsent = machine.isWritable ? 0 : unsentCount
        report(input.readableBytes + keptCount + heldParkedBytes + unsent)
    }

    /// Reports that the connection holds nothing any more.
    func releaseMemory() {
        report(0)
    }

    private func report(_ bytes: Int) {
        if bytes != heldBytes {
            worker.memory.add(bytes - heldBytes)
            heldBytes = bytes
        }
    }

    /// While everything is held that may be, whoever holds more than an equal share is not read until that is less.
    ///
    /// It becomes less by itself: frames that were read are served, answers leave when the disk has done its part, and a part
    /// of a frame, or output that the peer does not take, has a deadline that runs on.
    func holdBackIfGreedy() {
        machine.isHeldBack = worker.memory.isExhausted && heldBytes > worker.memory.shareBytes
        if machine.isHeldBack {
            worker.holdBack(self)
        }
    }

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
