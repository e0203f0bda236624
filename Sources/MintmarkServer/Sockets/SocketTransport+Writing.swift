import Glibc
import NIOCore

/// Writing: as much as the system takes at once, and what it did not take when it can.
extension SocketTransport {
    /// With more bytes unsent the connection is not writable, until there are less than `unsentBytesLow`.
    static let unsentBytesHigh = 64 * 1024
    static let unsentBytesLow = 32 * 1024
    /// A buffer of unsent bytes that grew past this is given back when it is empty.
    private static let unsentCapacityKeptMax = 4 * 1024

    func write(outputOf worker: LoopWorker) {
        worker.withOutput { send($0) }
        noteWritability()
    }

    private func send(_ bytes: UnsafeRawBufferPointer) {
        guard connection != nil, !isBroken else {
            return
        }
        let sent = unsent.readableBytes == 0 ? push(bytes) : 0
        if sent < bytes.count {
            unsent.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[sent...]))
        }
    }

    /// Hands bytes to the system for as long as it takes them; returns how many that were.
    private func push(_ bytes: UnsafeRawBufferPointer) -> Int {
        var offset = 0
        while offset < bytes.count, let start = bytes.baseAddress {
            let count = Glibc.send(descriptor, start + offset, bytes.count - offset, Int32(MSG_NOSIGNAL))
            if count >= 0 {
                offset += count
            } else if errno == EAGAIN {
                break
            } else if errno != EINTR {
                // Whoever is writing hears of it when that is done.
                isBroken = true
                putOff()
                return bytes.count
            }
        }
        return offset
    }

    func sendUnsent() {
        guard !isBroken else { return }
        let sent = unsent.withUnsafeReadableBytes { push($0) }
        unsent.consume(sent)
        if unsent.readableBytes == 0 {
            if unsent.capacity > Self.unsentCapacityKeptMax {
                unsent = ByteBuffer()
            } else {
                unsent.clear()
            }
        } else if unsent.isSparse {
            unsent = ByteBuffer(bytes: unsent.readableBytesView)
        }
        connection?.outputTaken()
        noteWritability()
        endIfSent()
    }

    private func noteWritability() {
        guard !isBroken else {
            return
        }
        if isWritable ? unsent.readableBytes > Self.unsentBytesHigh : unsent.readableBytes < Self.unsentBytesLow {
            isWritable.toggle()
            connection?.writabilityChanged(isWritable)
        }
    }
}
