import Glibc
import NIOCore

/// Reading for channels, which pass on what they read in buffers of NIO.
extension SocketLoop {
    /// What one read of a socket came to.
    enum Receipt {
        case bytes(ByteBuffer)
        /// There is nothing yet.
        case nothing
        /// The peer has ended its side.
        case end
        case failed(errno: Int32)
    }

    /// Reads once, into a buffer that all channels of the loop take turns with: whoever keeps it beyond its turn keeps it
    /// alone, and the next one gets another.
    func receive(from descriptor: Int32, bytesMax: Int) -> Receipt {
        var count = 0
        var code: Int32 = 0
        channelBuffer.clear()
        channelBuffer.writeWithUnsafeMutableBytes(minimumWritableBytes: bytesMax) { bytes in
            repeat {
                count = recv(descriptor, bytes.baseAddress, bytesMax, 0)
                code = count < 0 ? errno : 0
            } while code == EINTR
            return max(0, count)
        }
        return switch code {
        case 0: count > 0 ? .bytes(channelBuffer) : .end
        case EAGAIN: .nothing
        default: .failed(errno: code)
        }
    }
}
