import Foundation
import MintmarkWire
import Testing

/// A connection without a client library: bytes and frames by hand, blocking, for what a client never does.
final class RawConnection {
    /// A frame that came.
    struct Frame {
        var header: FrameHeader
        var body: [UInt8]

        /// The status, if it is an error's frame.
        var status: Status? {
            guard header.isError else { return nil }
            return (try? ErrorResponse(decoding: body.span.bytes))?.status.status
        }
    }

    private let descriptor: Int32
    private var received: [UInt8] = []
    private var isOpen = true

    /// Connects, and shakes hands unless told not to.
    init(unixPath: String, shakesHands: Bool = true) throws {
        descriptor = try UnixSocket.connect(unixPath)
        guard shakesHands else { return }
        try send(HelloRequest.raw, id: 1)
        let answer = try #require(try receive())
        try #require(answer.header.responseKind == .hello)
    }

    deinit {
        close()
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        Glibc.close(descriptor)
    }

    func send(_ request: some WireRequest, id: UInt32) throws {
        try send(try Self.frame(request, id: id))
    }

    func send(_ bytes: [UInt8]) throws {
        try UnixSocket.writeAll(bytes[...], to: descriptor)
    }

    /// Sends as much as is taken at once.
    func sendWithoutWaiting(_ bytes: [UInt8]) {
        _ = bytes.withUnsafeBytes {
            Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
        }
    }

    static func frame(_ request: some WireRequest, id: UInt32) throws -> [UInt8] {
        var writer = FrameWriter()
        try request.encode(requestID: id, into: &writer)
        return writer.bytes
    }

    /// The next frame; nil at the end of the stream.
    func receive() throws -> Frame? {
        while true {
            if case .frame(let header, let body) = FrameScanner().scan(received.span.bytes, at: 0) {
                let frame = Frame(header: header, body: Array(received[body]))
                received.removeFirst(body.upperBound)
                return frame
            }
            let bytes = try UnixSocket.read(descriptor)
            guard !bytes.isEmpty else { return nil }
            received += bytes
        }
    }
}

extension HelloRequest {
    static let raw = HelloRequest(
        lowestVersion: 1,
        highestVersion: 1,
        clientName: "raw",
        clientNonce: .init(repeating: 7, count: 32)
    )
}

/// The system calls of Unix sockets.
enum UnixSocket {
    struct Failure: Error {
        var call: String
        var code: Int32
    }

    static func connect(_ path: String) throws -> Int32 {
        let descriptor = try make()
        try withAddress(path) { address, length in
            try check("connect", Glibc.connect(descriptor, address, length))
        }
        var limit = timeval(tv_sec: 30, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        try check("setsockopt", setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size))
        return descriptor
    }

    static func listen(_ path: String) throws -> Int32 {
        let descriptor = try make()
        try withAddress(path) { address, length in
            try check("bind", Glibc.bind(descriptor, address, length))
        }
        try check("listen", Glibc.listen(descriptor, 16))
        return descriptor
    }

    /// What can be read now, waiting for some; empty at the end of the stream.
    static func read(_ descriptor: Int32) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        try check("read", Int32(count))
        return Array(bytes[..<count])
    }

    static func writeAll(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) throws {
        var rest = bytes
        while !rest.isEmpty {
            // Without SIGPIPE when the other side is gone.
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            try check("send", Int32(count))
            rest = rest.dropFirst(count)
        }
    }

    private static func make() throws -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        try check("socket", descriptor)
        return descriptor
    }

    private static func check(_ call: String, _ result: Int32) throws {
        guard result >= 0 else { throw Failure(call: call, code: errno) }
    }

    private static func withAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Void) throws
    {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        try #require(path.utf8.count < MemoryLayout.size(ofValue: address.sun_path))
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        try withUnsafePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                try body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
