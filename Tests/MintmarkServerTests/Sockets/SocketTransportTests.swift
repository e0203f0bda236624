import Foundation
import MintmarkTestSupport
import MintmarkWire
import NIOCore
import Testing

@testable import MintmarkServer

/// Sockets that say less than usual, or break while they are written to.
@Suite(.serialized) struct SocketTransportTests {
    /// A read ends at urgent data, and no edge tells of what has come behind them already.
    @Test func bytesBehindUrgentDataAreRead() async throws {
        try await withServer { server in
            let client = try server.connect()
            try server.whileItsLoopStands {
                try client.send(frame(ping, id: 1))
                try client.sendUrgent(0xFF)
                try client.send(frame(ping, id: 2))
            }
            #expect(try client.read(2).map(\.id) == [1, 2])
        }
    }

    /// So it does where a descriptor was passed; and the server keeps none of those.
    @Test func bytesBehindAPassedDescriptorAreRead() async throws {
        let directory = try TemporaryDirectory()
        try await withServer {
            $0.unixPath = directory.file("s")
        } _: { server in
            let client = try server.connectUnix()
            let pipe = Pipe()
            try server.whileItsLoopStands {
                try client.send(frame(ping, id: 1), passing: pipe.fileHandleForWriting.fileDescriptor)
                try client.send(frame(ping, id: 2))
            }
            #expect(try client.read(2).map(\.id) == [1, 2])
            // Nobody else holds the writing end any more.
            try pipe.fileHandleForWriting.close()
            #expect(try pipe.fileHandleForReading.readToEnd() == nil)
        }
    }

    /// The socket breaks inside the write of an answer: that ends the connection and nothing else, by no signal either.
    @Test func aPeerThatIsGoneBeforeItsAnswerEndsItsConnectionAlone() async {
        await #expect(processExitsWith: .success) {
            let directory = try TemporaryDirectory()
            try await withServer {
                $0.unixPath = directory.file("s")
            } _: { server in
                signal(SIGPIPE, SIG_DFL)
                for id in 1...20 as ClosedRange<UInt32> {
                    let client = try server.connectUnix()
                    try server.whileItsLoopStands {
                        // More than one read, so that the connection would go on after the write.
                        try client.sendUnread((0..<id * 500).flatMap { frame(ping, id: $0 + 1) })
                        client.close()
                    }
                    try server.awaitConnections(0)
                }
                _ = try server.connect().call(ping)
            }
        }
    }

    /// What was sent of a buffer that never empties takes no memory for ever.
    @Test func whatWasConsumedIsGivenBack() {
        var buffer = ByteBuffer()
        let piece = [UInt8](repeating: 1, count: SocketTransport.unsentBytesHigh - SocketTransport.unsentBytesLow)
        buffer.writeBytes([UInt8](repeating: 2, count: SocketTransport.unsentBytesLow))
        for _ in 0..<1_000 {
            buffer.writeBytes(piece)
            buffer.consume(piece.count)
            #expect(buffer.readableBytes == SocketTransport.unsentBytesLow)
        }
        #expect(buffer.capacity <= 4 * SocketTransport.unsentBytesHigh)
        #expect(buffer.readableBytesView.allSatisfy { $0 == 1 })
    }
}

extension TestServer {
    /// A connection over the Unix socket that has shaken hands.
    fileprivate func connectUnix() throws -> RawClient {
        let client = try RawClient(unixPath: unixPath ?? "")
        try client.send(frame(HelloRequest.test))
        _ = try client.read()
        return client
    }
}
