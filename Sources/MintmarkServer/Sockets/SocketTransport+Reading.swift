import Glibc
import NIOCore

/// Reading: once for each time that the connection wants it, into the buffer that the loop's sockets share.
extension SocketTransport {
    func read() {
        isReadWanted = true
        if isReadable {
            putOff()
        }
    }

    func restartWait() {
        if let worker = connection?.worker {
            wait.restart(now: worker.lastReading)
        }
    }

    func awaitTurn() {
        isTurnAwaited = true
        putOff()
    }

    func putOff() {
        if !isPutOff {
            isPutOff = true
            loop.putOff(self)
        }
    }

    func readOnce() {
        let buffer = loop.readBuffer
        var count: Int
        repeat {
            count = isUnix ? receiveUnix(buffer) : recv(descriptor, buffer.baseAddress, buffer.count, 0)
        } while count < 0 && errno == EINTR
        switch count {
        case 1...:
            let isFull = count == buffer.count
            // Another edge comes when more does: only behind the last bytes it has come already.
            isReadable = isFull || isPeerEnded || isCutByPeer
            isReadWanted = false
            let arrival = isFull ? noteFullRead(count) : wait.since
            if !isFull {
                wait.drained()
            }
            let bytes = RawSpan(_unsafeStart: buffer.baseAddress.unsafelyUnwrapped, byteCount: count)
            connection?.received(bytes, arrival: arrival)
            connection?.readRequested()
        case 0:
            isReadable = false
            wait.drained()
            inputEnded()
        default:
            isReadable = false
            if errno != EAGAIN {
                connection?.failed()
            }
            wait.drained()
        }
    }

    /// Finds out how much a read has left behind; tells since when what it took may have waited.
    private func noteFullRead(_ count: Int) -> UInt64? {
        guard let worker = connection?.worker else {
            return nil
        }
        let arrival = wait.since ?? worker.arrival
        if wait.since == nil {
            wait.arrived(since: arrival)
        }
        var left: Int32 = 0
        let isKnown = ioctl(descriptor, UInt(FIONREAD), &left) == 0
        wait.took(count, leaving: isKnown ? Int(left) : 0, now: worker.lastReading)
        return arrival
    }

    /// Reads, and notes whether the peer has passed a descriptor, which the system closes again.
    private func receiveUnix(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        var vector = iovec(iov_base: buffer.baseAddress, iov_len: buffer.count)
        return withUnsafeMutablePointer(to: &vector) { vector in
            var message = msghdr()
            message.msg_iov = vector
            message.msg_iovlen = 1
            let count = recvmsg(descriptor, &message, 0)
            isCutByPeer = isCutByPeer || message.msg_flags & Int32(MSG_CTRUNC) != 0
            return count
        }
    }

    private func inputEnded() {
        guard !isInputEnded else {
            return
        }
        isInputEnded = true
        if case .outputEnded = ending {
            close()
        } else {
            connection?.inputEnded()
        }
    }
}
