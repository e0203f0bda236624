import Glibc
import NIOCore

/// Writing: as much as the system takes at once, and what it did not take when it can.
extension SocketTransport {
    /// With more bytes unsent the connection is not writable, until there are less than `unsentBytesLow`.
    static let unsentBytesHigh = 64 * 1024
    static let unsentBytesLow = 32 * 1024
    /// After so many bursts that were cut in a row, their answers leave at the latest: everybody's turns may come in between.
    static let heldBurstsMax = 1
    /// A buffer of unsent bytes that grew past this is given back when it is empty.
    private static let unsentCapacityKeptMax = 4 * 1024

    /// A burst that was cut goes on soon. Sending is the dearest thing a connection in clear does, so its answers wait in
    /// the system for those of the next, up to `heldBurstsMax`. On a Unix socket nothing ever waits.
    func write(outputOf worker: LoopWorker) {
        let isHeld = !isUnix && isTurnAwaited && heldBursts < Self.heldBurstsMax
        worker.withOutput { send($0, isHeld: isHeld) }
        heldBursts = isHeld ? heldBursts + 1 : 0
        noteWritability()
    }

    /// Sends what waits in the system for more to come.
    func sendHeld() {
        heldBursts = 0
        // What the option stands for holds already; setting it sends.
        var isOn: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
    }

    private func send(_ bytes: UnsafeRawBufferPointer, isHeld: Bool) {
        guard connection != nil, !isBroken else {
            return
        }
        let sent = unsent.readableBytes == 0 ? push(bytes, isHeld: isHeld) : 0
        if sent < bytes.count {
            unsent.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[sent...]))
        }
    }

    /// Hands bytes to the system for as long as it takes them; returns how many that were.
    ///
    /// - Parameter isHeld: Whether the system may keep them for a while, since more follow.
    private func push(_ bytes: UnsafeRawBufferPointer, isHeld: Bool = false) -> Int {
        let flags = Int32(MSG_NOSIGNAL) | (isHeld ? Int32(MSG_MORE) : 0)
        var offset = 0
        while offset < bytes.count, let start = bytes.baseAddress {
            let count = Glibc.send(descriptor, start + offset, bytes.count - offset, flags)
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
        let sent = unsent.withUnsafeReadableBytes { push($0) }
        unsent.consume(sent)
        if unsent.readableBytes == 0 {
            if unsent.capacity > Self.unsentCapacityKeptMax {
                unsent = ByteBuffer()
            } else {
                unsent.clear()
            }
        }
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
