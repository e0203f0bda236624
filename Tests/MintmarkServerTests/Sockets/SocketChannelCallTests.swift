import Glibc
import NIOCore
import Testing

@testable import MintmarkServer

/// What handlers do to their channel while it is telling them something, and who takes its bytes without them.
struct SocketChannelCallTests {
    /// Takes a channel's bytes in place of its handlers. Confined to the channel's loop.
    private final class Taker: SocketChannel.Reader {
        private let record: ChannelRecord
        private let channel: SocketChannel
        var isHeldBack = false

        init(_ record: ChannelRecord, _ channel: SocketChannel) {
            self.record = record
            self.channel = channel
        }

        deinit { record.left(-1) }

        var arrival: UInt64 { 0 }

        func received(_ bytes: ByteBuffer, arrival: UInt64?) {
            for byte in bytes.readableBytesView { record.left(Int(byte)) }
            if bytes.readableBytesView.contains(0) { channel.close(promise: nil) }
        }

        func readRequested() {
            if !isHeldBack { channel.read0() }
        }

        func outputTaken() {}
    }

    @Test func aReaderTakesWhatHandlersWouldBeGiven() async throws {
        try await withChannel { peer, record in
            try peer.send([1])
            try record.wait { $0.bytes == [1] }
            try record.onLoop { handler in
                guard let channel = handler.channel else { return }
                channel.reader = Taker(record, channel)
            }
            try peer.send([2, 3])
            try record.wait { $0.left == [2, 3] }
            // It asks for more, and is let go at the end.
            try peer.send([4, 0])
            try record.waitForEnd()
            try record.wait { $0.left == [2, 3, 4, 0, -1] }
            #expect(record.now.bytes == [1])
            #expect(record.now.closeCount == 1)
        }
    }

    @Test func aReaderHoldsReadsBack() async throws {
        try await withChannel { peer, record in
            try record.onLoop { handler in
                guard let channel = handler.channel else { return }
                let taker = Taker(record, channel)
                taker.isHeldBack = true
                channel.reader = taker
            }
            // What was asked for before is read still.
            try peer.send([1])
            try record.wait { $0.left == [1] }
            try peer.send([2])
            try record.onLoop { _ in record.left(9) }
            try record.onLoop { $0.channel?.read0() }
            try record.wait { $0.left == [1, 9, 2] }
        }
    }

    @Test func aCloseWithinAReadIsTheEndOfIt() async throws {
        try await withChannel(readBytesMax: 2) { peer, record in
            try record.onLoop { handler in
                handler.onRead = { channel in
                    record.left(1)
                    channel.close(promise: nil)
                }
            }
            try peer.send([1, 2, 3, 4])
            try record.waitForEnd()
            try record.onLoop { _ in record.left(2) }
            #expect(record.now.left == [1, 2])
            #expect(record.now.bytes == [1, 2])
            #expect(record.now.closeCount == 1)
        }
    }

    @Test func aWriteWithinAChangeOfWritabilityComesBehindWhatWasWritten() async throws {
        try await withChannel { peer, record in
            let large = [UInt8](repeating: 1, count: 1_000_000)
            try record.onLoop { handler in
                handler.onWritability = { channel in
                    channel.writeAndFlush(ByteBuffer(bytes: [channel.isWritable ? 3 : 2]), promise: nil)
                }
                handler.channel?.writeAndFlush(ByteBuffer(bytes: large), promise: nil)
            }
            #expect(try peer.read(large.count + 2) == large + [2, 3])
            try record.wait { $0.isWritable }
            #expect(record.now.errorCount == 0)
        }
    }

    /// A process that is just being started has a copy of every descriptor.
    @Test func nothingIsToldOfAClosedSocketOfWhichThereIsACopy() async throws {
        try await withChannel { peer, record in
            let (socket, otherPeer) = try ChannelPeer.pair()
            let copy = fcntl(socket, F_DUPFD_CLOEXEC, 0)
            defer { close(copy) }
            let closed = ChannelRecord(on: record.loop)
            try closed.start(socket, readBytesMax: 1)
            // Something that is not read: the end of the other side will be a fault.
            try closed.onLoop { $0.channel?.writeAndFlush(ByteBuffer(bytes: [1]), promise: nil) }
            try closed.onLoop { $0.channel?.close(promise: nil) }
            try closed.waitForEnd()
            // Is known to the loop by what the closed one was known by.
            let (nextSocket, nextPeer) = try ChannelPeer.pair()
            let next = ChannelRecord(on: record.loop)
            try next.start(nextSocket, readBytesMax: 1)
            otherPeer.close()
            try nextPeer.send([2])
            try next.wait { $0.bytes == [2] }
            #expect(next.now.errorCount == 0)
            #expect(!next.now.isInactive)
        }
    }

    @Test func aSendThatFailsWhileReadsAreHeldBackIsAFaultAndTheEnd() async throws {
        try await withChannel { peer, record in
            try record.onLoop { $0.isHeldBack = true }
            try peer.send([1])
            try record.wait { $0.bytes == [1] }
            try record.onLoop { handler in
                // On the loop, which could be told of the end before it writes.
                peer.cut()
                handler.channel?.writeAndFlush(ByteBuffer(bytes: [2])).whenFailure { _ in record.left(1) }
            }
            try record.waitForEnd()
            #expect(record.now.errorCount == 1)
            #expect(record.now.left == [1])
            #expect(record.now.closeCount == 1)
        }
    }
}
