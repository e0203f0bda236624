import Glibc

/// A pipelined connection to a Redis server whose answers all have the same length.
///
/// Confined to its thread. All its memory is there from the beginning.
struct RedisConnection: ~Copyable {
    let descriptor: Int32
    private let output: UnsafeMutableRawBufferPointer
    private var outputStart = 0
    private var outputEnd = 0
    private let input: UnsafeMutableRawBufferPointer
    private var inputEnd = 0

    /// - Parameters:
    ///   - descriptor: A connected socket; closed with the value.
    ///   - depth: How many requests are underway at most.
    init(owning descriptor: Int32, depth: Int, requestBytesMax: Int, answerBytes: Int) {
        self.descriptor = descriptor
        output = .allocate(byteCount: depth * requestBytesMax, alignment: 16)
        input = .allocate(byteCount: max(1 << 18, 2 * answerBytes), alignment: 16)
    }

    deinit {
        close(descriptor)
        output.deallocate()
        input.deallocate()
    }

    var hasOutput: Bool { outputEnd > outputStart }

    /// Queues a request. No more than the depth may be without an answer.
    mutating func append(_ request: UnsafeRawBufferPointer) {
        if outputEnd + request.count > output.count {
            output.copyMemory(from: UnsafeRawBufferPointer(rebasing: output[outputStart..<outputEnd]))
            outputEnd -= outputStart
            outputStart = 0
        }
        UnsafeMutableRawBufferPointer(rebasing: output[outputEnd...]).copyMemory(from: request)
        outputEnd += request.count
    }

    /// Writes as much as the socket takes.
    mutating func flush() throws(SystemFault) {
        while hasOutput {
            let rest = output[outputStart..<outputEnd]
            let start = UnsafeRawBufferPointer(rebasing: rest).baseAddress
            let count = send(descriptor, start, rest.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
            guard count >= 0 else {
                if errno == EAGAIN || errno == EWOULDBLOCK { return }
                throw SystemFault("send")
            }
            outputStart += count
        }
        outputStart = 0
        outputEnd = 0
    }

    /// Reads once; returns how many whole answers have come.
    ///
    /// - Parameter answer: What every answer must be, byte for byte.
    mutating func receive(_ answer: [UInt8]) throws(SystemFault) -> Int {
        let room = UnsafeMutableRawBufferPointer(rebasing: input[inputEnd...])
        let count = recv(descriptor, room.baseAddress, room.count, Int32(MSG_DONTWAIT))
        guard count > 0 else {
            if count < 0, errno == EAGAIN || errno == EWOULDBLOCK { return 0 }
            throw count == 0 ? SystemFault("recv", reason: "the stream has ended") : SystemFault("recv")
        }
        inputEnd += count
        let answers = inputEnd / answer.count
        for number in 0..<answers {
            let start = number * answer.count
            let isExpected = answer.withUnsafeBytes { expected in
                UnsafeRawBufferPointer(rebasing: input[start..<start + expected.count]).hasSameBytes(as: expected)
            }
            guard isExpected else {
                throw SystemFault("GET", reason: "another answer than was set")
            }
        }
        let rest = answers * answer.count..<inputEnd
        input.copyMemory(from: UnsafeRawBufferPointer(rebasing: input[rest]))
        inputEnd = rest.count
        return answers
    }
}

extension UnsafeRawBufferPointer {
    /// Whether both hold the same; they must be of one length and not empty.
    fileprivate func hasSameBytes(as other: UnsafeRawBufferPointer) -> Bool {
        guard let own = baseAddress, let others = other.baseAddress else { return false }
        return memcmp(own, others, count) == 0
    }
}
