import MintmarkWire

/// What came of a request, and when by the monotonic clock.
struct CrashReply: Sendable {
    /// Nil if no answer came.
    var outcome: RaceOutcome?
    var sentAt: Int64
    var answeredAt: Int64
}

/// The connections of one thread to a daemon that may be killed at any moment. Confined to its thread.
final class CrashLane {
    private let links: [FrameLink]
    private var next = 0
    /// Whether a connection broke: no more can be asked.
    private(set) var isLost = false

    init(to address: ServerAddress, connections: Int) throws(LoadFailure) {
        var links: [FrameLink] = []
        for _ in 0..<connections {
            links.append(FrameLink(owning: try SetupConnection(to: address).takeStream()))
        }
        self.links = links
    }

    /// Sends requests together, spread over the connections; returns what came of each, in the requests' order.
    ///
    /// Whatever was answered before a connection broke is taken.
    func exchange(_ requests: [RaceRequest]) throws(LoadFailure) -> [CrashReply] {
        next += 1
        let link = { [links, next] (index: Int) in (next + index) % links.count }
        for (index, request) in requests.enumerated() {
            try request.queue(on: links[link(index)], requestID: UInt32(index + 1))
        }
        let sentAt = MonotonicClock.now()
        for place in links.indices {
            _ = try isUnbroken { () throws(LoadFailure) in try links[place].flush() }
        }
        var replies = requests.map { _ in CrashReply(sentAt: sentAt, answeredAt: 0) }
        for place in links.indices {
            var missing = requests.indices.count { link($0) == place }
            while missing > 0, try isUnbroken({ () throws(LoadFailure) in try take(from: place, requests, &replies) }) {
                missing -= 1
            }
        }
        let endedAt = MonotonicClock.now()
        for index in replies.indices where replies[index].outcome == nil { replies[index].answeredAt = endedAt }
        return replies
    }

    /// False if the connection broke meanwhile.
    private func isUnbroken(_ body: () throws(LoadFailure) -> Void) throws(LoadFailure) -> Bool {
        do throws(LoadFailure) {
            try body()
            return true
        } catch {
            guard error.exitStatus == .aborted else { throw error }
            isLost = true
            return false
        }
    }

    private func take(
        from place: Int,
        _ requests: [RaceRequest],
        _ replies: inout [CrashReply]
    ) throws(LoadFailure) {
        let (header, body) = try links[place].nextFrame()
        let index = Int(header.requestID) - 1
        guard requests.indices.contains(index), replies[index].outcome == nil else {
            // An error that ends the connection may be no answer to any one request.
            guard !header.isError || header.requestID > 0 else { throw .aborted("the server ended the connection") }
            throw .wrongAnswer("an answer to request \(header.requestID), which was not underway")
        }
        let outcome: RaceOutcome
        do throws(WireError) {
            outcome = try links[place].decode(body) { (body) throws(WireError) in
                try RaceOutcome(requests[index], header, body)
            }
        } catch {
            throw .wrongAnswer("the answer to \(requests[index].kind.name) breaks the protocol: \(error)")
        }
        if case .refused(let status, _) = outcome {
            guard !status.closesConnection else { throw .aborted("the server ended the connection: \(status)") }
            guard !status.isRetryable else {
                throw .refused(
                    "\(requests[index].kind.name) was answered \(status), on a disk that is in order",
                    status
                )
            }
        }
        replies[index].outcome = outcome
        replies[index].answeredAt = MonotonicClock.now()
    }
}
