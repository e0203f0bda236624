import Dispatch
import Glibc
import NIOCore
import Testing

@testable import MintmarkServer

/// The channel that handlers of TLS stand on, over a real socket whose other end the test holds.
struct SocketChannelTests {
    // MARK: Reading

    @Test(arguments: [-1, 0, 1])
    func noMoreIsReadAtATimeThanIsWanted(more: Int) async throws {
        let limit = 1_000
        try await withChannel(readBytesMax: limit) { peer, record in
            let bytes = [UInt8](repeating: 7, count: limit + more)
            try peer.send(bytes)
            try record.wait { $0.bytes.count == bytes.count }
            #expect(record.now.bytes == bytes)
            #expect(record.now.longestRead == min(limit, bytes.count))
        }
    }

    @Test func aReadThatWaitsForItsTurnComes() async throws {
        try await withChannel(readBytesMax: 10) { peer, record in
            try record.onLoop { $0.channel?.readsInTurn = true }
            try peer.send([UInt8](repeating: 3, count: 35))
            try record.wait { $0.bytes.count == 35 }
            #expect(record.now.longestRead == 10)
        }
    }

    @Test func whatComesWhileNothingIsWantedIsReadLater() async throws {
        try await withChannel { peer, record in
            try record.onLoop { $0.isHeldBack = true }
            // What was asked for before is read still.
            try peer.send([1])
            try record.wait { $0.bytes == [1] }
            try peer.send([2, 3])
            try record.onLoop { $0.channel?.flush() }
            #expect(record.now.bytes == [1])
            try record.onLoop { handler in
                handler.isHeldBack = false
                handler.channel?.read()
            }
            try record.wait { $0.bytes == [1, 2, 3] }
        }
    }

    /// What has come was in time, whatever kept the loop from it.
    @Test func whatHasComeGoesBeforeTimersThatAreOverdue() async throws {
        try await withChannel { peer, record in
            let (stands, goesOn) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
            let overdue = NIODeadline.now() + .milliseconds(1)
            try record.onLoop { $0.onRead = { _ in record.left(1) } }
            record.loop.execute {
                record.loop.scheduleTask(deadline: overdue) { record.left(2) }
                stands.signal()
                goesOn.wait()
            }
            stands.wait()
            try peer.send([1])
            while NIODeadline.now() < overdue { poll(nil, 0, 1) }
            goesOn.signal()
            try record.wait { $0.left.count == 2 }
            #expect(record.now.left == [1, 2])
        }
    }

    @Test func thePeersEndIsToldBehindItsBytesAndLeavesTheOtherSideOpen() async throws {
        try await withChannel(readBytesMax: 10) { peer, record in
            try peer.send([UInt8](repeating: 1, count: 35))
            peer.endOutput()
            try record.wait { $0.isInputClosed }
            #expect(record.now.bytes.count == 35)
            #expect(!record.now.isInactive)
            try record.onLoop { $0.channel?.writeAndFlush(ByteBuffer(bytes: [5, 6]), promise: nil) }
            #expect(try peer.read(2) == [5, 6])
            try record.onLoop { $0.channel?.close(mode: .output, promise: nil) }
            // With both sides ended nothing is left of it.
            try record.waitForEnd()
            #expect(record.now.closeCount == 1)
        }
    }

    @Test func aPeerThatResetsIsAFaultAndTheEnd() async throws {
        try await withChannel(readBytesMax: 1) { peer, record in
            try record.onLoop { $0.channel?.writeAndFlush(ByteBuffer(bytes: [1]), promise: nil) }
            // A close with something unread resets.
            peer.close()
            try record.waitForEnd()
            #expect(record.now.errorCount == 1)
            #expect(record.now.closeCount == 1)
        }
    }

    // MARK: Writing

    @Test func whatTheSystemDoesNotTakeLeavesWhenItCan() async throws {
        try await withChannel { peer, record in
            let pieces = (0..<40).map { [UInt8](repeating: UInt8($0), count: 50_000) }
            try record.onLoop { handler in
                for (index, piece) in pieces.enumerated() {
                    handler.channel?.write(ByteBuffer(bytes: piece)).whenSuccess { record.left(index) }
                }
            }
            #expect(record.now.left.isEmpty)
            try record.onLoop { $0.channel?.flush() }
            #expect(record.now.left.count < pieces.count)
            #expect(!record.now.isWritable)
            #expect(try peer.read(40 * 50_000) == pieces.flatMap(\.self))
            try record.wait { $0.left.count == pieces.count }
            #expect(record.now.left == Array(0..<40))
            try record.wait { $0.isWritable }
        }
    }

    /// Each small write may come in a buffer that is many times as long.
    @Test func whatWaitsIsGathered() async throws {
        try await withChannel { peer, record in
            let large = [UInt8](repeating: 1, count: 1_000_000)
            try record.onLoop { $0.channel?.writeAndFlush(ByteBuffer(bytes: large), promise: nil) }
            try record.onLoop { handler in
                for number in 0..<1_000 {
                    handler.channel?.writeAndFlush(ByteBuffer(bytes: [UInt8(number % 7)]), promise: nil)
                }
                record.left(handler.channel?.output.pieceCount ?? 0)
            }
            #expect(record.now.left == [1])
            #expect(try peer.read(1_001_000) == large + (0..<1_000).map { UInt8($0 % 7) })
            try record.onLoop { $0.channel?.writeAndFlush(ByteBuffer(bytes: [9]), promise: nil) }
            #expect(try peer.read(1) == [9])
        }
    }

    @Test(arguments: [-1, 0, 1])
    func beyondSoManyBytesItIsNotWritable(more: Int) async throws {
        try await withChannel { _, record in
            try record.onLoop { handler in
                // Not flushed: nothing leaves.
                let bytes = [UInt8](repeating: 0, count: SocketChannel.unsentBytesHigh + more)
                handler.channel?.write(ByteBuffer(bytes: bytes), promise: nil)
            }
            #expect(record.now.isWritable == (more <= 0))
        }
    }

    @Test func anEmptyWriteEndsInItsTurn() async throws {
        try await withChannel { peer, record in
            try record.onLoop { handler in
                handler.channel?.write(ByteBuffer(bytes: [1])).whenSuccess { record.left(1) }
                handler.channel?.writeAndFlush(ByteBuffer()).whenSuccess { record.left(2) }
            }
            try record.wait { $0.left == [1, 2] }
            #expect(try peer.read(1) == [1])
        }
    }

    // MARK: Ending

    /// TLS closes both sides when both ends have said farewell, which can be long before the peer has read everything.
    @Test func aCloseOfBothSidesLosesNothingOfAnOutputThatIsEnding() async throws {
        try await withChannel { peer, record in
            let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0) }
            try record.onLoop { handler in
                handler.channel?.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
                handler.channel?.close(mode: .output, promise: nil)
                handler.channel?.close().whenSuccess { record.left(1) }
            }
            #expect(record.now.left.isEmpty)
            #expect(try peer.readToEnd() == bytes)
            try record.wait { $0.left == [1] }
            #expect(record.now.closeCount == 1)
        }
    }

    @Test func theOutputEndsBehindEverythingThatWasWritten() async throws {
        try await withChannel { peer, record in
            let bytes = [UInt8](repeating: 9, count: 2_000_000)
            try record.onLoop { handler in
                handler.channel?.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
                handler.channel?.close(mode: .output).whenSuccess { record.left(0) }
                handler.channel?.writeAndFlush(ByteBuffer(bytes: [1])).whenFailure { _ in record.left(1) }
                handler.channel?.close(mode: .output).whenFailure { _ in record.left(2) }
            }
            #expect(record.now.left == [1, 2])
            #expect(try peer.readToEnd() == bytes)
            try record.wait { $0.left == [1, 2, 0] }
            #expect(!record.now.isInactive)
            try peer.send([4])
            try record.wait { $0.bytes == [4] }
        }
    }

    @Test func anOutputThatEndsTakesAlongWhatWasNotFlushed() async throws {
        try await withChannel { peer, record in
            try record.onLoop { handler in
                handler.channel?.write(ByteBuffer(bytes: [1])).whenSuccess { record.left(1) }
                handler.channel?.close(mode: .output).whenSuccess { record.left(2) }
            }
            try record.wait { $0.left == [1, 2] }
            #expect(try peer.readToEnd() == [1])
        }
    }

    @Test func aTurnComesOnce() async throws {
        try await withChannel { _, record in
            try record.onLoop { handler in
                handler.channel?.awaitTurn { record.left(1) }
                record.left(0)
            }
            try record.wait { $0.left == [0, 1] }
            try record.onLoop { handler in
                handler.channel?.awaitTurn { record.left(2) }
                handler.channel?.close(promise: nil)
            }
            try record.waitForEnd()
            try record.onLoop { _ in record.left(3) }
            try record.onLoop { _ in record.left(4) }
            #expect(record.now.left == [0, 1, 3, 4])
        }
    }

    @Test func aCloseGivesUpOnWhatHasNotLeft() async throws {
        try await withChannel { peer, record in
            try record.onLoop { handler in
                handler.channel?.write(ByteBuffer(bytes: [1])).whenFailure { _ in record.left(1) }
                handler.channel?.close(promise: nil)
                handler.channel?.write(ByteBuffer(bytes: [1])).whenFailure { _ in record.left(2) }
                handler.channel?.close().whenFailure { _ in record.left(3) }
            }
            try record.wait { $0.left == [1, 2, 3] }
            #expect(record.now.closeCount == 1)
            #expect(try peer.readToEnd().isEmpty)
        }
    }

    @Test func whatItIsNotForIsRefused() async throws {
        try await withChannel { _, record in
            let address = try SocketAddress(ipAddress: "127.0.0.1", port: 1)
            try record.onLoop { handler in
                let channel = handler.channel
                channel?.bind(to: address).whenFailure { _ in record.left(1) }
                channel?.connect(to: address).whenFailure { _ in record.left(2) }
                channel?.register().whenFailure { _ in record.left(3) }
                channel?.triggerUserOutboundEvent(1).whenFailure { _ in record.left(4) }
                channel?.close(mode: .input).whenFailure { _ in record.left(5) }
                channel?.setOption(.autoRead, value: false).whenFailure { _ in record.left(6) }
                channel?.getOption(.maxMessagesPerRead).whenFailure { _ in record.left(7) }
                channel?.getOption(.allowRemoteHalfClosure).whenSuccess { record.left($0 ? 8 : 0) }
            }
            try record.wait { $0.left == [1, 2, 3, 4, 5, 6, 7, 8] }
        }
    }
}
