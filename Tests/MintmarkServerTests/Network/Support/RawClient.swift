import Foundation
import MintmarkWire
import NIOCore

/// A client that writes any bytes and reads frames, on a plain socket. Used by one thread at a time.
///
/// Writing reads what comes meanwhile, so that a test never blocks a server that waits for its reader.
final class RawClient {
    /// Nothing that works takes this long, however busy the machine is.
    static let patienceSeconds = 60.0

    enum Fault: Error, Equatable {
        case system(String, code: Int32)
        case timeout
        /// The stream ended inside a frame, or where a frame was expected.
        case endOfStream
        case broken
    }

    private var descriptor: Int32
    private var received: [UInt8] = []
    private var offset = 0
    private var isEnded = false
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 8)

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        try connect(to: SocketAddress(ipAddress: "127.0.0.1", port: port))
        var isOn: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
    }

    init(unixPath path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        try connect(to: SocketAddress(unixDomainSocketPath: path))
    }

    deinit {
        close()
        buffer.deallocate()
    }

    private func connect(to address: SocketAddress) throws {
        let result = address.withSockAddr { Glibc.connect(descriptor, $0, socklen_t($1)) }
        guard result == 0 else { throw Fault.system("connect", code: errno) }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    }

    // MARK: Sending

    /// Writes all of it, or all but the last bytes; reads what comes meanwhile.
    func send(_ bytes: [UInt8], leaving left: Int = 0) throws {
        let bytes = bytes.dropLast(left)
        var sent = 0
        while sent < bytes.count {
            // Behind the end of the stream there is always something to read: asking for it would never wait.
            let ready = try wait(for: Int16(isEnded ? POLLOUT : POLLIN | POLLOUT))
            if ready & Int16(POLLIN) != 0, !isEnded { try receive() }
            if ready & Int16(POLLOUT) != 0 { sent += try write(bytes[sent...]) }
        }
    }

    /// Writes as much as the connection takes without a pause; reads nothing.
    func sendUnread(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = try write(bytes[sent...])
            guard count > 0 else { break }
            sent += count
        }
    }

    /// Writes `bytes` again and again and reads nothing, until the server breaks the connection or `countMax` bytes were
    /// taken; returns how many that were.
    func flood(_ bytes: [UInt8], countMax: Int) throws -> Int {
        var sent = 0
        while sent < countMax {
            do {
                guard try wait(for: Int16(POLLOUT)) & Int16(POLLERR | POLLHUP) == 0 else { break }
                sent += try write(bytes[(sent % bytes.count)...])
            } catch Fault.broken {
                break
            }
        }
        return sent
    }

    private func write(_ bytes: ArraySlice<UInt8>) throws -> Int {
        let count = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        guard count >= 0 else {
            if errno == EAGAIN { return 0 }
            throw errno == EPIPE || errno == ECONNRESET ? Fault.broken : Fault.system("send", code: errno)
        }
        return count
    }

    /// Sends one byte as urgent data.
    func sendUrgent(_ byte: UInt8) throws {
        let count = withUnsafePointer(to: byte) {
            Glibc.send(descriptor, $0, 1, Int32(MSG_NOSIGNAL | MSG_OOB))
        }
        guard count == 1 else { throw Fault.system("send", code: errno) }
    }

    /// Sends bytes over a Unix socket and passes a descriptor along.
    func send(_ bytes: [UInt8], passing passed: Int32) throws {
        // struct cmsghdr and the descriptor, at the alignment of both.
        var control: (length: UInt64, level: Int32, type: Int32, descriptor: Int32, unused: Int32) =
            (20, SOL_SOCKET, Int32(SCM_RIGHTS), passed, 0)
        let controlByteCount = MemoryLayout.size(ofValue: control)
        let count = bytes.withUnsafeBytes { bytes in
            var vector = iovec(
                iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress),
                iov_len: bytes.count
            )
            return withUnsafeMutablePointer(to: &vector) { vector in
                withUnsafeMutableBytes(of: &control) { control in
                    var message = msghdr()
                    message.msg_iov = vector
                    message.msg_iovlen = 1
                    message.msg_control = control.baseAddress
                    message.msg_controllen = controlByteCount
                    return sendmsg(descriptor, &message, Int32(MSG_NOSIGNAL))
                }
            }
        }
        guard count == bytes.count else { throw Fault.system("sendmsg", code: errno) }
    }

    func endInput() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    /// Closes with a reset instead of an end of stream.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    // MARK: Reading

    /// The next whole frame.
    func read() throws -> Answer {
        guard let answer = try readUnlessEnded() else { throw Fault.endOfStream }
        return answer
    }

    /// The next whole frame, or nil at the end of the stream.
    func readUnlessEnded() throws -> Answer? {
        while true {
            if let answer = takeFrame() { return answer }
            guard !isEnded else {
                guard offset == received.count else { throw Fault.endOfStream }
                return nil
            }
            _ = try wait(for: Int16(POLLIN))
            try receive()
        }
    }

    func read(_ count: Int) throws -> [Answer] {
        try (0..<count).map { _ in try read() }
    }

    /// Everything up to the end of the stream.
    func readAll() throws -> [Answer] {
        var answers: [Answer] = []
        while let answer = try readUnlessEnded() { answers.append(answer) }
        return answers
    }

    /// Everything that can be read, however the stream ends.
    func readAllUntilBroken() throws -> [Answer] {
        var answers: [Answer] = []
        do {
            while let answer = try readUnlessEnded() { answers.append(answer) }
        } catch Fault.broken {
            return answers
        }
        return answers
    }

    /// Frames that have arrived already; waits for nothing.
    func readArrived() throws -> [Answer] {
        var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while !isEnded, poll(&event, 1, 0) > 0 { try receive() }
        var answers: [Answer] = []
        while let answer = takeFrame() { answers.append(answer) }
        return answers
    }

    private func takeFrame() -> Answer? {
        let scanner = FrameScanner(lengthMax: Limits.frameLengthMaxCeiling)
        guard case .frame(let header, let body) = scanner.scan(received.span.bytes, at: offset) else {
            return nil
        }
        defer {
            offset = body.upperBound
            if offset == received.count {
                received.removeAll(keepingCapacity: true)
                offset = 0
            }
        }
        return Answer(header: header, body: Array(received[body]))
    }

    private func receive() throws {
        let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
        if count == 0 { isEnded = true }
        if count > 0 { received.append(contentsOf: buffer[..<count]) }
        if count < 0, errno != EAGAIN { throw Fault.broken }
    }

    private func wait(for events: Int16) throws -> Int16 {
        var event = pollfd(fd: descriptor, events: events, revents: 0)
        guard poll(&event, 1, Int32(Self.patienceSeconds * 1000)) > 0 else { throw Fault.timeout }
        return event.revents
    }
}

/// A frame of the server.
struct Answer: Equatable {
    var header: FrameHeader
    var body: [UInt8]

    var id: UInt32 { header.requestID }

    /// The error it is, or nil.
    var error: ErrorResponse? {
        header.isError ? try? ErrorResponse(decoding: body.span.bytes) : nil
    }

    var status: Status? { error.flatMap { Status(rawValue: $0.status.rawValue) } }

    func decoded<Response: WireResponse>(as type: Response.Type) throws -> Response {
        if let error { throw error }
        return try Response(decoding: body.span.bytes)
    }
}

// MARK: - Requests

/// The bytes of a request's frame.
func frame(_ request: some WireRequest, id: UInt32 = 1) -> [UInt8] {
    var writer = FrameWriter(lengthMax: Limits.frameLengthMaxCeiling)
    do throws(WireError) {
        try request.encode(requestID: id, into: &writer)
    } catch {
        preconditionFailure("a test's request is above every limit: \(error)")
    }
    return writer.bytes
}

/// A frame of any kind, flags and body.
func frame(kind: UInt8, flags: UInt8 = 0, id: UInt32 = 1, body: [UInt8] = []) -> [UInt8] {
    bigEndian(UInt32(body.count + 6)) + [kind, flags] + bigEndian(id) + body
}

func bigEndian(_ value: UInt32) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
}

let ping = PingRequest()

extension HelloRequest {
    static let test = HelloRequest(lowestVersion: 1, highestVersion: 1, clientName: "raw", clientNonce: nonce)
    static let nonce = [UInt8](repeating: 7, count: 32)
}

extension OpenRequest {
    static func test(_ subject: String = "user-1") -> OpenRequest { OpenRequest(subject: subject, audience: ["api"]) }
}

extension SignRequest {
    static func test(_ subject: String = "user-1") -> SignRequest { SignRequest(subject: subject, audience: ["api"]) }
}

/// Twice so many requests with ascending ids from 1: STATS, whose answer is large, and OPEN, which leaves a trace.
func largeAnswersAndOpens(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for id in 0..<UInt32(count) {
        bytes += frame(StatsRequest(), id: 2 * id + 1)
        bytes += frame(OpenRequest.test(), id: 2 * id + 2)
    }
    return bytes
}

extension RawClient {
    /// Shakes hands.
    func greet() throws {
        try send(frame(HelloRequest.test, id: 1))
        _ = try read().decoded(as: HelloResponse.self)
    }

    func call<Request: WireRequest>(_ request: Request, id: UInt32 = 77) throws -> Request.Response {
        try send(frame(request, id: id))
        return try read().decoded(as: Request.Response.self)
    }
}
