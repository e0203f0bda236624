import Glibc
import MintmarkCrypto
import MintmarkInMemory
import MintmarkWire

/// A server that costs less than any generator: one thread, no clocks and no disk, and what it was asked to verify before
/// it answers from a table. So what a generator sends to it in a second tells of the generator alone. It ends with its process.
struct Answerer: ~Copyable {
    struct Failure: Error, CustomStringConvertible {
        let call: String
        let code = errno

        var description: String { "\(call): \(String(cString: strerror(code)))" }
    }

    private static let roomBytes = 1 << 18

    /// A connection's bytes that are part of a frame.
    private struct Peer {
        let input = UnsafeMutableRawBufferPointer.allocate(byteCount: roomBytes, alignment: 16)
        var inputCount = 0
    }

    private let listener: Int32
    private var engine: InMemoryEngine
    private var table = AnswerTable()
    /// The listener, and the connections.
    private var descriptors: [pollfd]
    /// In the same order; that of the listener is of no use.
    private var peers: [Peer] = [Peer()]
    private let output = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * roomBytes, alignment: 16)
    private var outputCount = 0

    private init(_ engine: consuming InMemoryEngine, listener: Int32) {
        self.engine = engine
        self.listener = listener
        descriptors = [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)]
    }

    /// Listens on a free port of loopback.
    static func make() throws -> Answerer {
        let key = Ed25519SigningKey(random: RepeatableRandom())
        return Answerer(try InMemoryEngine(key: key, cacheByteCount: 64 << 20), listener: try listen())
    }

    private static func listen() throws -> Int32 {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, size) == 0 }
        }
        guard listener >= 0, isBound, Glibc.listen(listener, 128) == 0 else { throw Failure(call: "listen") }
        return listener
    }

    var port: UInt16 {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &size) }
        }
        return UInt16(bigEndian: address.sin_port)
    }

    /// Answers, until the process is ended.
    mutating func run() throws -> Never {
        while true {
            guard poll(&descriptors, nfds_t(descriptors.count), -1) >= 0 || errno == EINTR else {
                throw Failure(call: "poll")
            }
            for index in descriptors.indices.dropFirst().reversed() where descriptors[index].revents != 0 {
                if !serve(index) { remove(index) }
            }
            if descriptors[0].revents != 0 { try takeConnection() }
        }
    }

    private mutating func takeConnection() throws {
        let descriptor = accept(listener, nil, nil)
        guard descriptor >= 0 else { throw Failure(call: "accept") }
        var isOn: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
        descriptors.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
        peers.append(Peer())
    }

    private mutating func remove(_ index: Int) {
        close(descriptors.remove(at: index).fd)
        peers.remove(at: index).input.deallocate()
    }
}

extension Answerer {
    /// Reads once and answers what is whole; false if the connection is over.
    private mutating func serve(_ index: Int) -> Bool {
        let input = peers[index].input
        let rest = UnsafeMutableRawBufferPointer(rebasing: input[peers[index].inputCount...])
        let count = recv(descriptors[index].fd, rest.baseAddress, rest.count, 0)
        guard count > 0 else { return false }
        let end = peers[index].inputCount + count
        let bytes = UnsafeRawBufferPointer(rebasing: input[..<end]).bytes
        var offset = 0
        scanning: while true {
            switch FrameScanner().scan(bytes, at: offset) {
            case .incomplete: break scanning
            case .invalid: return false
            case .frame(let header, let body):
                answer(header, bytes.extracting(offset..<body.upperBound))
                offset = body.upperBound
                if outputCount >= Self.roomBytes, !flush(index) { return false }
            }
        }
        if offset > 0 { input.copyMemory(from: UnsafeRawBufferPointer(rebasing: input[offset..<end])) }
        peers[index].inputCount = end - offset
        return flush(index)
    }

    @inline(__always)
    private mutating func answer(_ header: FrameHeader, _ frame: RawSpan) {
        guard header.kindByte == Kind.verify.requestByte,
            let key = AnswerTable.key(ofVerify: frame.extracting(FrameHeader.Layout.body..<frame.byteCount))
        else { return append(fromEngine: frame) }
        let room = UnsafeMutableRawBufferPointer(rebasing: output[outputCount...])
        if let count = table.copyAnswer(to: key, into: room) {
            let place = FrameHeader.Layout.requestID
            room.storeBytes(of: header.requestID.bigEndian, toByteOffset: place, as: UInt32.self)
            outputCount += count
        } else {
            let begin = outputCount
            append(fromEngine: frame)
            table.keep(Array(output[begin..<outputCount]), to: key)
        }
    }

    private mutating func append(fromEngine frame: RawSpan) {
        let request = frame.withUnsafeBytes { Array($0) }
        let answer = engine.answer(request) { Array($0) }
        UnsafeMutableRawBufferPointer(rebasing: output[outputCount...]).copyBytes(from: answer)
        outputCount += answer.count
    }

    /// Writes everything, however long that takes; false if the connection is over.
    private mutating func flush(_ index: Int) -> Bool {
        var written = 0
        while written < outputCount {
            let rest = UnsafeRawBufferPointer(rebasing: output[written..<outputCount])
            let count = send(descriptors[index].fd, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            guard count > 0 else {
                outputCount = 0
                return false
            }
            written += count
        }
        outputCount = 0
        return true
    }
}
