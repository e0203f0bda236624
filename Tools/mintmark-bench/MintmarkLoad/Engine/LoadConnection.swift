import Glibc
import MintmarkWire

/// A request that has no answer yet.
struct RequestInFlight {
    var requestID: UInt32
    var operation: LoadOperation
    /// Which token or session it is about.
    var item: Int32
    /// When it was due, and when it was sent: nanoseconds of the monotonic clock.
    var dueAt: Int64
    var sentAt: Int64
    /// Whether it was given up: its answer is still owed, and counts for nothing when it comes.
    var hasTimedOut = false
}

/// One connection under load: its socket, its bytes both ways, and the requests underway.
///
/// Confined to its thread. All its memory is there from the beginning: a request or an answer allocates nothing.
struct LoadConnection<Stream: LoadStream>: ~Copyable {
    private(set) var stream: Stream
    let depth: Int
    private(set) var isOpen = true
    /// Whether the poller tells when the socket can be written to.
    var wantsWriting = false

    private let output: UnsafeMutableRawBufferPointer
    private var outputStart = 0
    private var outputEnd = 0

    private let input: UnsafeMutableRawBufferPointer
    private var inputStart = 0
    private var inputEnd = 0

    /// The requests underway, by slot; a free slot's request id is 0.
    private let slots: UnsafeMutableBufferPointer<RequestInFlight>
    private let freeSlots: UnsafeMutableBufferPointer<Int32>
    private(set) var freeCount: Int
    /// Counts up with every request, so that an answer that comes twice is found out.
    private var turn: UInt32 = 0

    /// How many requests were sent since it was opened.
    private(set) var sentCount = 0

    /// - Parameters:
    ///   - stream: Closed with the value.
    ///   - frameBytesMax: The size of the greatest request.
    ///   - answerBytesMax: The size of the greatest answer that the server may send.
    init(owning stream: consuming Stream, depth: Int, frameBytesMax: Int, answerBytesMax: Int) {
        precondition((1...LoadLimits.depthMax).contains(depth), "a depth of \(depth) has no request ids")
        stream.stopBlocking()
        self.stream = stream
        self.depth = depth
        output = .allocate(byteCount: depth * frameBytesMax, alignment: 16)
        input = .allocate(byteCount: max(1 << 18, 2 * answerBytesMax), alignment: 16)
        slots = .allocate(capacity: depth)
        slots.initialize(repeating: RequestInFlight(requestID: 0, operation: .ping, item: 0, dueAt: 0, sentAt: 0))
        freeSlots = .allocate(capacity: depth)
        for slot in 0..<depth {
            freeSlots.initializeElement(at: slot, to: Int32(depth - 1 - slot))
        }
        freeCount = depth
    }

    deinit {
        output.deallocate()
        input.deallocate()
        slots.deallocate()
        freeSlots.deallocate()
    }

    var inFlightCount: Int { depth - freeCount }

    /// Whether there are requests that the socket has not taken yet.
    var hasOutput: Bool { outputEnd > outputStart }

    /// Whether part of an answer has come.
    var hasPartialInput: Bool { inputEnd > inputStart }
}

extension LoadConnection {
    /// Queues a request. There must be a free slot.
    ///
    /// - Parameter frame: The request's frame; its request id is put in here.
    mutating func begin(
        _ operation: LoadOperation,
        item: Int,
        frame: UnsafeRawBufferPointer,
        dueAt: Int64,
        sentAt: Int64
    ) {
        freeCount -= 1
        sentCount += 1
        let slot = Int(freeSlots[freeCount])
        turn &+= 1
        let requestID = (turn << 16) | UInt32(slot + 1)
        slots[slot] = RequestInFlight(
            requestID: requestID,
            operation: operation,
            item: Int32(item),
            dueAt: dueAt,
            sentAt: sentAt
        )
        append(frame, requestID: requestID)
    }

    private mutating func append(_ frame: UnsafeRawBufferPointer, requestID: UInt32) {
        // Only requests without an answer are waiting here, and there is room for as many as there are slots.
        if outputEnd + frame.count > output.count { moveOutputToFront() }
        let target = UnsafeMutableRawBufferPointer(rebasing: output[outputEnd..<outputEnd + frame.count])
        target.copyMemory(from: frame)
        target.storeBytes(of: requestID.bigEndian, toByteOffset: FrameHeader.Layout.requestID, as: UInt32.self)
        outputEnd += frame.count
    }

    private mutating func moveOutputToFront() {
        let rest = UnsafeRawBufferPointer(rebasing: output[outputStart..<outputEnd])
        output.copyMemory(from: rest)
        outputEnd -= outputStart
        outputStart = 0
    }

    /// Ends a request; returns what was known of it, or nil if there is none with this id.
    @inline(__always)
    mutating func end(requestID: UInt32) -> RequestInFlight? {
        let slot = Int(requestID & 0xFFFF) - 1
        guard slot >= 0, slot < depth, slots[slot].requestID == requestID else { return nil }
        slots[slot].requestID = 0
        freeSlots[freeCount] = Int32(slot)
        freeCount += 1
        return slots[slot]
    }

    /// Ends all requests underway, one after the other.
    mutating func endAll(_ body: (RequestInFlight) -> Void) {
        for slot in 0..<depth where slots[slot].requestID != 0 {
            if let request = end(requestID: slots[slot].requestID) { body(request) }
        }
    }

    /// Marks the requests that were sent before an instant and have no answer, and hands each of them over once.
    mutating func giveUp(sentBefore instant: Int64, _ body: (RequestInFlight) -> Void) {
        guard inFlightCount > 0 else { return }
        for slot in 0..<depth where slots[slot].requestID != 0 && !slots[slot].hasTimedOut {
            guard slots[slot].sentAt < instant else { continue }
            slots[slot].hasTimedOut = true
            body(slots[slot])
        }
    }

    /// No more is sent or read.
    mutating func abandon() {
        isOpen = false
        forgetBytes()
    }

    /// Tells the server that no more will come, and sends and reads no more. Nothing may be underway.
    mutating func end() {
        precondition(inFlightCount == 0, "a connection is ended with requests underway")
        stream.endOutput()
        abandon()
    }

    /// Goes on with another stream. Nothing may be underway.
    mutating func reopen(with stream: consuming Stream) {
        precondition(inFlightCount == 0, "a connection is replaced with requests underway")
        stream.stopBlocking()
        self.stream = stream
        forgetBytes()
        isOpen = true
        wantsWriting = false
        sentCount = 0
    }

    private mutating func forgetBytes() {
        outputStart = 0
        outputEnd = 0
        inputStart = 0
        inputEnd = 0
    }
}

extension LoadConnection {
    /// How reading or writing went.
    enum Transfer {
        case done
        /// The socket takes, or has, no more for now.
        case blocked
        case ended
        case broken(SystemFault)
    }

    /// Writes as much as the socket takes.
    mutating func write() -> Transfer {
        while hasOutput {
            let rest = UnsafeRawBufferPointer(rebasing: output[outputStart..<outputEnd])
            let count = stream.send(rest)
            guard count >= 0 else {
                return errno == EAGAIN || errno == EWOULDBLOCK ? .blocked : .broken(SystemFault("send"))
            }
            outputStart += count
        }
        outputStart = 0
        outputEnd = 0
        return .done
    }

    /// Reads once. What has come lies behind what was there.
    mutating func read() -> Transfer {
        if inputStart > 0 {
            let rest = UnsafeRawBufferPointer(rebasing: input[inputStart..<inputEnd])
            input.copyMemory(from: rest)
            inputEnd -= inputStart
            inputStart = 0
        }
        let room = UnsafeMutableRawBufferPointer(rebasing: input[inputEnd...])
        let count = stream.receive(into: room)
        guard count > 0 else {
            if count == 0 { return .ended }
            return errno == EAGAIN || errno == EWOULDBLOCK ? .blocked : .broken(SystemFault("recv"))
        }
        inputEnd += count
        return .done
    }

    /// Whether there is more to read that the poller does not tell of.
    var hasPending: Bool { stream.hasPending }

    /// Everything that was read and not consumed. Good until the next read.
    var received: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: input[inputStart..<inputEnd]) }

    /// Says that so many of the received bytes are done with.
    mutating func consume(_ count: Int) {
        inputStart += count
    }
}
