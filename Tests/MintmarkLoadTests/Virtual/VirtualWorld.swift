import Glibc
import MintmarkWire

@testable import MintmarkLoad

/// A world in which time goes on only while somebody waits: a minute of load takes as long as its requests take to be
/// counted, and comes out the same every time.
///
/// Unchecked: a test uses it from one thread.
final class VirtualWorld: LoadWorld, @unchecked Sendable {
    /// Bytes on their way to the generator.
    private struct Delivery {
        var at: Int64
        var order: Int
        var stream: VirtualStream
        var bytes: [UInt8]
    }

    /// A stream that is being opened.
    private struct Opening {
        var tag: Int
        var at: Int64
        /// Nil: nobody answers.
        var nanoseconds: Int64?
    }

    private var opening: [Opening] = []
    /// Streams that were asked for under load.
    private(set) var connectCount = 0
    /// How long a handshake takes, by its number from 0, in nanoseconds; nil: nobody answers.
    var handshake: (Int) -> Int64? = { _ in 100_000 }

    /// Nanoseconds.
    private(set) var time: Int64
    private let server: VirtualServer
    /// A heap, the next one first.
    private var deliveries: [Delivery] = []
    private var deliveryCount = 0
    private var ready: [Int] = []
    private var streams: [Int: VirtualStream] = [:]
    /// Of every period, the part in which the generator gets no processor; nil: it always does.
    var absence: (period: Int64, range: Range<Int64>)?

    init(at time: Int64 = 0, server: VirtualServer) {
        self.time = time
        self.server = server
    }

    func now() -> Int64 { time }

    /// The part of its time in which the generator has its processor.
    var processorShare = 0.1
    /// How long it takes to ask whether there is something to do.
    var pollNanoseconds: Int64 = 0

    func processorNanoseconds() -> Int64 { Int64(Double(time) * processorShare) }

    func sleep(until instant: Int64) { advance(to: instant) }

    func add(_ stream: VirtualStream, tag: Int) {
        stream.tag = tag
        streams[tag] = stream
    }

    func setWantsWriting(_ wantsWriting: Bool, _ stream: VirtualStream, tag: Int) {}

    func remove(_ stream: VirtualStream) { streams[stream.tag] = nil }

    func event(_ index: Int) -> Poller.Event { Poller.Event(tag: ready[index], isWritable: false) }

    func connect() -> VirtualStream { VirtualStream(self) }

    func connect(nanosecondsMax: Int64, onStep: (HandshakeStep) -> Void) throws(LoadFailure) -> VirtualStream {
        defer { connectCount += 1 }
        guard let nanoseconds = handshake(connectCount) else {
            advance(to: time + nanosecondsMax)
            throw .unreachable("nobody answers").of(.connectTimeout)
        }
        advance(to: time + nanoseconds / 4)
        onStep(.connect)
        advance(to: time + nanoseconds - nanoseconds / 4)
        onStep(.greet)
        return VirtualStream(self)
    }

    func beginOpening(tag: Int) {
        defer { connectCount += 1 }
        let nanoseconds = handshake(connectCount)
        opening.append(Opening(tag: tag, at: time + (nanoseconds ?? 1_000_000_000), nanoseconds: nanoseconds))
        opening.sort { $0.at < $1.at }
    }

    func takeOpened() -> OpenedStream<VirtualStream>? {
        guard let next = opening.first, next.at <= time else { return nil }
        opening.removeFirst()
        guard let nanoseconds = next.nanoseconds else {
            let failure = LoadFailure.unreachable("nobody answers").of(.connectTimeout)
            return OpenedStream(tag: next.tag, result: .failure(failure), nanoseconds: 1_000_000_000)
        }
        return OpenedStream(tag: next.tag, result: .success(VirtualStream(self)), nanoseconds: nanoseconds)
    }

    func wait(nanosecondsMax: Int64) -> Int {
        let end = time + max(pollNanoseconds, nanosecondsMax)
        if deliverDue() == 0 {
            advance(to: min(end, deliveries.first?.at ?? end, opening.first?.at ?? end))
            return deliverDue()
        }
        return ready.count
    }

    private func advance(to instant: Int64) {
        time = max(time, instant)
        guard let absence, absence.range.contains(time % absence.period) else { return }
        time += absence.range.upperBound - time % absence.period
    }

    private func deliverDue() -> Int {
        ready.removeAll(keepingCapacity: true)
        while let next = deliveries.first, next.at <= time {
            let delivery = popDelivery()
            delivery.stream.inbox += delivery.bytes
            if streams[delivery.stream.tag] != nil, !ready.contains(delivery.stream.tag) {
                ready.append(delivery.stream.tag)
            }
        }
        if let next = opening.first, next.at <= time { ready.append(-1) }
        return ready.count
    }

    fileprivate func take(_ header: FrameHeader, _ stream: VirtualStream) {
        guard let answer = server.answer(header, at: time) else { return }
        deliveryCount += 1
        push(Delivery(at: answer.at, order: deliveryCount, stream: stream, bytes: answer.bytes))
    }

    private func isBefore(_ left: Delivery, _ right: Delivery) -> Bool {
        (left.at, left.order) < (right.at, right.order)
    }

    private func push(_ delivery: Delivery) {
        deliveries.append(delivery)
        var place = deliveries.count - 1
        while place > 0, isBefore(deliveries[place], deliveries[(place - 1) / 2]) {
            deliveries.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    private func popDelivery() -> Delivery {
        deliveries.swapAt(0, deliveries.count - 1)
        let first = deliveries.removeLast()
        var place = 0
        while true {
            let children = [2 * place + 1, 2 * place + 2].filter { $0 < deliveries.count }
            guard
                let least = children.min(by: { isBefore(deliveries[$0], deliveries[$1]) }),
                isBefore(deliveries[least], deliveries[place])
            else { return first }
            deliveries.swapAt(place, least)
            place = least
        }
    }
}

/// One connection of it.
final class VirtualStream: LoadStream, @unchecked Sendable {
    private let world: VirtualWorld
    fileprivate var tag = -1
    fileprivate var inbox: [UInt8] = []
    private var outbox: [UInt8] = []

    init(_ world: VirtualWorld) {
        self.world = world
    }

    func stopBlocking() {}

    func endOutput() {}

    var hasPending: Bool { false }

    func send(_ bytes: UnsafeRawBufferPointer) -> Int {
        outbox += bytes
        var offset = 0
        while case .frame(let header, let body) = FrameScanner(lengthMax: 1 << 20).scan(outbox.span.bytes, at: offset) {
            offset = body.upperBound
            world.take(header, self)
        }
        outbox.removeFirst(offset)
        return bytes.count
    }

    func receive(into room: UnsafeMutableRawBufferPointer) -> Int {
        guard !inbox.isEmpty else {
            errno = EAGAIN
            return -1
        }
        let count = min(room.count, inbox.count)
        room.copyBytes(from: inbox[..<count])
        inbox.removeFirst(count)
        return count
    }
}

/// What a server does in virtual time: PING is answered when its one thread, or as many as it has, has worked for it.
final class VirtualServer {
    /// How long a request keeps a thread, by its number from 0, in nanoseconds; nil: it is never answered.
    private let service: (Int) -> Int64?
    /// How many requests are worked on at once.
    private var freeAt: [Int64]
    private(set) var seen = 0
    /// Requests up to the one that was answered last.
    private(set) var answered = 0

    /// - Parameter threads: With `.max` nobody waits.
    init(threads: Int = 1, service: @escaping (Int) -> Int64?) {
        self.service = service
        freeAt = [Int64](repeating: 0, count: threads == .max ? 0 : threads)
    }

    /// A server with so many threads that nobody waits.
    static func parallel(nanoseconds: Int64) -> VirtualServer {
        VirtualServer(threads: .max) { _ in nanoseconds }
    }

    fileprivate func answer(_ header: FrameHeader, at now: Int64) -> (at: Int64, bytes: [UInt8])? {
        defer { seen += 1 }
        guard let nanoseconds = service(seen) else { return nil }
        var doneAt = now + nanoseconds
        if let thread = freeAt.indices.min(by: { freeAt[$0] < freeAt[$1] }) {
            doneAt = max(now, freeAt[thread]) + nanoseconds
            freeAt[thread] = doneAt
        }
        answered += 1
        var writer = FrameWriter()
        do throws(WireError) {
            try PingResponse(serverTime: 1).encode(requestID: header.requestID, into: &writer)
        } catch {
            return nil
        }
        return (doneAt, writer.bytes)
    }
}
