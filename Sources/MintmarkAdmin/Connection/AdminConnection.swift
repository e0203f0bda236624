import NIOCore
import NIOHTTP1

/// What an HTTP connection is doing, and how long it may go on with that.
///
/// Whatever a peer does, one deadline is running: it can hold a connection, but not for long. Confined to the event loop
/// of its channel.
final class AdminConnection {
    private enum Phase {
        /// Nothing of a request has come.
        case idle
        /// A part of a request has come.
        case reading
        /// A request has come whole, and its answer was not taken yet.
        case answering
        /// The last answer was written; what still comes is thrown away.
        case lingering
    }

    let limits: AdminLimits
    private let channel: any Channel
    private var phase = Phase.idle
    private var deadline: Scheduled<Void>?
    /// Whether bytes have come since the last request was whole.
    private var hasEarlyBytes = false
    /// Whether the last request that was whole had a body.
    private(set) var lastHadBody = false
    /// Requests that were handed on and whose answers were not taken.
    private var unansweredCount = 0
    /// When it became idle.
    private(set) var idleSince = NIODeadline.now()
    /// Says what stands in the way of going on, and ends the connection.
    var refuse: (HTTPResponseStatus) -> Void = { _ in }

    init(channel: any Channel, limits: AdminLimits) {
        self.channel = channel
        self.limits = limits
    }

    var isIdle: Bool { phase == .idle }
    var isLingering: Bool { phase == .lingering }
    var hasUnanswered: Bool { unansweredCount > 0 }

    func opened() {
        enter(.idle)
    }

    func closed() {
        deadline?.cancel()
        deadline = nil
        refuse = { _ in }
    }

    /// Bytes have come.
    func bytesCame() {
        hasEarlyBytes = true
        if phase == .idle {
            enter(.reading)
        }
    }

    /// A request has come whole.
    func requestCame(hasBody: Bool) {
        hasEarlyBytes = false
        lastHadBody = hasBody
        unansweredCount += 1
        enter(.answering)
    }

    /// A part of a request has come.
    func requestBegan() {
        hasEarlyBytes = true
    }

    /// The socket has taken the end of an answer.
    func answerTaken() {
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
        if phase == .idle {
            idleSince = .now()
        }
        deadline?.cancel()
        deadline = channel.eventLoop.assumeIsolated().scheduleTask(in: time(for: phase)) { [weak self] in
            self?.deadlineReached()
        }
    }

    private func time(for phase: Phase) -> TimeAmount {
        switch phase {
        case .idle: limits.idleTimeout
        case .reading: limits.requestTimeout
        case .answering: limits.answerTimeout
        case .lingering: limits.lingerTime
        }
    }

    private func deadlineReached() {
        switch phase {
        case .reading: refuse(.requestTimeout)
        case .idle, .answering, .lingering: close()
        }
    }
}
