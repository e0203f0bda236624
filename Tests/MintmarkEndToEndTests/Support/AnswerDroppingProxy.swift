import Foundation
import MintmarkWire
import Synchronization

/// Stands between clients and a daemon, and breaks the first connections when their first answer behind the handshake
/// has come: the daemon has done what it was asked, and nobody hears of it. Later connections pass.
///
/// Threads of its own; everything shared is atomic.
final class AnswerDroppingProxy: Sendable {
    let path: String
    private let upstream: String
    private let listener: Int32
    private let dropsLeft: Atomic<Int>

    /// How many connections are still to be broken.
    var remainingDrops: Int { dropsLeft.load(ordering: .acquiring) }

    init(path: String, upstream: String, drops: Int) throws {
        self.path = path
        self.upstream = upstream
        dropsLeft = Atomic(drops)
        listener = try UnixSocket.listen(path)
        let listener = listener
        Thread.detachNewThread { [weak self] in
            while case let connection = accept(listener, nil, nil), connection >= 0 {
                Thread.detachNewThread { self?.serve(connection) }
            }
            close(listener)
        }
    }

    deinit {
        // Wakes the thread that accepts.
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private func serve(_ client: Int32) {
        defer { close(client) }
        guard let server = try? UnixSocket.connect(upstream) else { return }
        let requests = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            Self.copy(from: client, to: server)
            shutdown(server, Int32(SHUT_WR))
            requests.signal()
        }
        answer(client, from: server)
        shutdown(client, Int32(SHUT_RDWR))
        shutdown(server, Int32(SHUT_RDWR))
        // Numbers of closed files are used again: nobody may read from them any more.
        requests.wait()
        close(server)
    }

    private func answer(_ client: Int32, from server: Int32) {
        var bytes: [UInt8] = []
        guard Self.receive(frames: 1, from: server, into: &bytes) else { return }
        guard case .frame(_, let greeting) = FrameScanner().scan(bytes.span.bytes, at: 0) else { return }
        try? UnixSocket.writeAll(bytes[..<greeting.upperBound], to: client)
        guard Self.receive(frames: 2, from: server, into: &bytes) else { return }
        guard dropsLeft.subtract(1, ordering: .acquiringAndReleasing).newValue < 0 else { return }
        try? UnixSocket.writeAll(bytes[greeting.upperBound...], to: client)
        Self.copy(from: server, to: client)
    }

    /// Reads until there are so many whole frames; false at the end of the stream.
    private static func receive(frames count: Int, from source: Int32, into bytes: inout [UInt8]) -> Bool {
        while true {
            var (found, offset) = (0, 0)
            while case .frame(_, let body) = FrameScanner().scan(bytes.span.bytes, at: offset) {
                (found, offset) = (found + 1, body.upperBound)
            }
            guard found < count else { return true }
            guard let more = try? UnixSocket.read(source), !more.isEmpty else { return false }
            bytes += more
        }
    }

    private static func copy(from source: Int32, to target: Int32) {
        while let bytes = try? UnixSocket.read(source), !bytes.isEmpty {
            guard (try? UnixSocket.writeAll(bytes[...], to: target)) != nil else { return }
        }
    }
}
