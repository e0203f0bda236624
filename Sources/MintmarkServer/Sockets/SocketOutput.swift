import Glibc
import NIOCore

/// What was written to a channel and has not left, in order, each with who hears of its end.
struct SocketOutput {
    /// What one attempt to send came to.
    enum Outcome {
        /// Nothing that may leave is left.
        case sent
        /// The system takes no more now.
        case full
        case failed(errno: Int32)
    }

    private var pieces = CircularBuffer<(bytes: ByteBuffer, promise: EventLoopPromise<Void>?)>()
    /// How many pieces, from the first, may leave.
    private var flushedCount = 0
    /// Bytes of all pieces.
    private(set) var byteCount = 0

    /// Whether the system took no more at the last attempt.
    private(set) var isStuck = false

    var pieceCount: Int { pieces.count }

    /// Whether everything that may leave has left.
    var isSent: Bool { flushedCount == 0 }

    /// What comes while the system takes no more is gathered in one piece, which may leave before it is flushed: TLS
    /// gives each record in a buffer of its own that is many times as long.
    mutating func append(_ bytes: ByteBuffer, _ promise: EventLoopPromise<Void>?) {
        byteCount += bytes.readableBytes
        guard isStuck, flushedCount == pieces.count, flushedCount > 0, pieces.last?.promise == nil else {
            pieces.append((bytes, promise))
            return
        }
        var piece = pieces.removeLast()
        piece.bytes.discardReadBytes()
        piece.bytes.writeImmutableBuffer(bytes)
        piece.promise = promise
        pieces.append(piece)
    }

    /// Everything that was written until now may leave.
    mutating func flush() {
        flushedCount = pieces.count
    }

    /// Takes the first piece, once all of it has left.
    private mutating func takeFirst() -> EventLoopPromise<Void>? {
        flushedCount -= 1
        return pieces.removeFirst().promise
    }

    /// Hands to the system what may leave, for as long as it takes it; returns who is to hear that a piece has left.
    mutating func send(to descriptor: Int32, _ departed: inout [EventLoopPromise<Void>]) -> Outcome {
        isStuck = false
        while flushedCount > 0 {
            let count = pieces[pieces.startIndex].bytes.withUnsafeReadableBytes { bytes in
                bytes.isEmpty ? 0 : Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 {
                byteCount -= count
                pieces[pieces.startIndex].bytes.moveReaderIndex(forwardBy: count)
                if pieces[pieces.startIndex].bytes.readableBytes == 0, let promise = takeFirst() {
                    departed.append(promise)
                }
            } else if errno == EAGAIN {
                isStuck = true
                compactFirst()
                return .full
            } else if errno != EINTR {
                return .failed(errno: errno)
            }
        }
        return .sent
    }

    private mutating func compactFirst() {
        let bytes = pieces[pieces.startIndex].bytes
        if bytes.isSparse {
            pieces[pieces.startIndex].bytes = ByteBuffer(bytes: bytes.readableBytesView)
        }
    }

    /// Gives up on everything; returns who is to hear of it.
    mutating func removeAll() -> [EventLoopPromise<Void>] {
        let promises = pieces.compactMap(\.promise)
        self = SocketOutput()
        return promises
    }
}

extension ByteBuffer {
    /// Whether what is left to send is a small part of the memory that holds it, which may stay for long.
    var isSparse: Bool { readableBytes < capacity / 4 }
}
