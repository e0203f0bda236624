import MintmarkWire

/// One thread of the race, with connections of its own over which requests meet in the server.
///
/// Confined to its thread.
final class RaceLane {
    let plan: RacePlan
    let minted: MintedTokens
    var random: SeededRandom
    let number: Int

    private let address: ServerAddress
    private let links: [FrameLink]

    init(_ plan: RacePlan, address: ServerAddress, number: Int, minted: MintedTokens) throws(LoadFailure) {
        self.plan = plan
        self.address = address
        self.number = number
        self.minted = minted
        random = SeededRandom(seed: plan.seed, purpose: UInt64(number))
        var links: [FrameLink] = []
        for _ in 0..<plan.connections {
            links.append(FrameLink(owning: try SetupConnection(to: address).takeStream()))
        }
        self.links = links
    }

    /// Sends requests at one instant, spread over the connections; returns the answers in the requests' order.
    ///
    /// What is encoded is sent with one system call for each connection, one behind the other: they arrive within
    /// microseconds, and the server's threads take them up as they come.
    func fire(_ requests: [RaceRequest]) throws(LoadFailure) -> [RaceAnswer] {
        let first = random.below(links.count)
        let used = min(requests.count, links.count)
        let link = { [links] (place: Int) in links[(first + place) % links.count] }
        for (index, request) in requests.enumerated() {
            try request.queue(on: link(index % used), requestID: UInt32(index + 1))
        }
        let sentAt = MonotonicClock.now()
        for place in 0..<used {
            try link(place).flush()
        }
        var answers = [RaceAnswer?](repeating: nil, count: requests.count)
        for index in requests.indices {
            let (number, answer) = try takeAnswer(from: link(index % used), to: requests, sentAt: sentAt)
            guard answers[number] == nil else { throw .wrongAnswer("request \(number + 1) was answered twice") }
            answers[number] = answer
        }
        return answers.compactMap(\.self)
    }

    private func takeAnswer(
        from link: FrameLink,
        to requests: [RaceRequest],
        sentAt: Int64
    ) throws(LoadFailure) -> (Int, RaceAnswer) {
        let (header, body) = try link.nextFrame()
        let answeredAt = MonotonicClock.now()
        let number = Int(header.requestID) - 1
        guard requests.indices.contains(number) else {
            throw .wrongAnswer("an answer to request \(header.requestID), which was not underway")
        }
        let request = requests[number]
        let outcome: RaceOutcome
        do throws(WireError) {
            outcome = try link.decode(body) { (body) throws(WireError) in try RaceOutcome(request, header, body) }
        } catch {
            throw .wrongAnswer("the answer to \(request.kind.name) breaks the protocol: \(error)")
        }
        let answer = RaceAnswer(request: request, outcome: outcome, sentAt: sentAt, answeredAt: answeredAt)
        if case .refused(let status, _) = outcome, status.isRetryable || status.closesConnection {
            throw .refused("\(request.kind.name) was answered \(status)", status)
        }
        return (number, answer)
    }

    /// A connection for one request whose answer nobody will look at.
    func connectForDroppedAnswer() throws(LoadFailure) -> FrameLink {
        FrameLink(owning: try SetupConnection(to: address).takeStream())
    }
}
