import NIOCore
import NIOHTTP1

/// What an HTTP connection is doing, and how long it may go on with that.
///
/// Whatever a peer does, one deadline is running: it can hold a connection, but not for long. Confined to the event loop
/// of its channel.
final class AdminConnection {
    /// In the order in which they give way to others.
    private enum Phase: Int {
        /// Nothing of a request has come.
        case idle
        /// A part of a request has come.
        case reading
        /// The last answer was written; what still comes is thrown away.
        case lingering
        /// A request has come whole, and its answer was not taken yet.
        case answering
    }

    let limits: AdminLimits
    private let channel: any Channel
    private var phase = Phase.idle
    private var deadline: Scheduled<Void>?
    /// Whether bytes have come since the last request was whole.
    private var hasEarlyBytes = false
    /// Requests that were handed on and whose answers were not taken.
    private var unansweredCount = 0
    /// When the phase began.
    private var since: NIODeadline
    /// When the socket was given the beginning of the answer that it has not taken yet.
    private var writtenAt: NIODeadline?
    /// Says what stands in the way of going on, and ends the connection.
    var refuse: (HTTPResponseStatus) -> Void = { _ in }
    /// Goes on with what has come behind a request.
    var goOn: () -> Void = {}

    init(channel: any Channel, limits: AdminLimits) {
        self.channel = channel
        self.limits = limits
        since = channel.eventLoop.now
    }

    /// Whether it may be closed to make room for another: not while a request of its is being answered, unless its peer asks
    /// for more than it takes.
    var mayGiveWay: Bool { phase != .answering || isGreedy || isStalled }
    var isLingering: Bool { phase == .lingering }
    var hasUnanswered: Bool { unansweredCount > 0 }

    /// Whether nothing of the next request has come.
    var isBetweenRequests: Bool { !hasEarlyBytes }

    /// Whether the next request has come before the answer to the last.
    private var isGreedy: Bool { phase == .answering && hasEarlyBytes }

    /// Whether an answer waits for the peer to read.
    private var isStalled: Bool {
        guard phase == .answering, let writtenAt else {
            return false
        }
        return channel.eventLoop.now - writtenAt >= limits.stallTime
    }

    /// Whether it gives way before another: greedy ones do first, then idle ones, then those that read a request, then those
    /// that have their last answer, then those whose peers take none; of the same kind, the one that has been so for longest.
    func givesWay(before other: AdminConnection) -> Bool {
        (isGreedy ? -1 : phase.rawValue, since) < (other.isGreedy ? -1 : other.phase.rawValue, other.since)
    }

    func opened() {
        enter(.idle)
    }

    func closed() {
        deadline?.cancel()
        deadline = nil
        refuse = { _ in }
        goOn = {}
    }

    /// Bytes have come.
    func bytesCame() {
        hasEarlyBytes = true
        if phase == .idle {
            enter(.reading)
        }
    }

    /// A request has come whole.
    func requestCame() {
        hasEarlyBytes = false
        unansweredCount += 1
        enter(.answering)
    }

    /// A part of a request has come.
    func requestBegan() {
        hasEarlyBytes = true
    }

    /// The socket was given the beginning of an answer.
    func answerBegun() {
        writtenAt = channel.eventLoop.now
    }

    /// The socket has taken the end of an answer.
    func answerTaken() {
        writtenAt = nil
        unansweredCount -= 1
        guard phase != .lingering else {
            return
        }
        enter(unansweredCount > 0 ? .answering : hasEarlyBytes ? .reading : .idle)
    }

    /// The last answer was written: ends what goes out, and waits a moment for the peer to do the same.
    func linger() {
        guard phase != .lingering else {
            return
        }
        enter(.lingering)
        channel.close(mode: .output, promise: nil)
    }

    func close() {
        channel.close(promise: nil)
    }

    private func enter(_ phase: Phase) {
        self.phase = phase
        since = channel.eventLoop.now
        deadline?.cancel()
        deadline = channel.eventLoop.assumeIsolated().scheduleTask(in: time(for: phase)) { [weak self] in
            self?.deadlineReached()
        }
    }

    private func time(for phase: Phase) -> TimeAmount {
        switch phase {
        case .idle: limits.idleTimeout
        case .reading: limits.requestTimeout
        case .lingering: limits.lingerTime
        case .answering: limits.answerTimeout
        }
    }

    private func deadlineReached() {
        switch phase {
        case .reading: refuse(.requestTimeout)
        case .idle, .lingering, .answering: close()
        }
    }
}
