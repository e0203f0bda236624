import Glibc

/// Runs the rounds of one thread: one after the other, and those that must wait for a window's end in between.
///
/// Confined to its thread.
struct RaceWorker {
    private let lane: RaceLane
    private let progress: LoadProgress
    private var tally = RaceTally()
    /// Rounds that go on later, the next one last.
    private var waiting: [Waiting] = []

    private struct Waiting {
        var at: Int64
        var round: RaceRound
        var step: (RaceRound) throws(RaceFailure) -> RaceStep
    }

    static func run(
        _ plan: RacePlan,
        _ address: ServerAddress,
        number: Int,
        minted: MintedTokens,
        progress: LoadProgress
    ) -> RaceTally {
        let lane: RaceLane
        do throws(LoadFailure) {
            lane = try RaceLane(plan, address: address, number: number, minted: minted)
        } catch {
            progress.requestStop()
            return RaceTally(failure: .stopped(error))
        }
        var worker = RaceWorker(lane: lane, progress: progress)
        worker.run()
        return worker.tally
    }

    private init(lane: RaceLane, progress: LoadProgress) {
        self.lane = lane
        self.progress = progress
    }

    private mutating func run() {
        do throws(RaceFailure) {
            try runRounds()
        } catch {
            tally.failure = error
            progress.add(completed: 0, errors: 1)
            // One finding is enough, and the others would only bury it.
            progress.requestStop()
        }
    }

    private mutating func runRounds() throws(RaceFailure) {
        let plan = lane.plan
        var number = lane.number
        while !progress.isStopRequested {
            if let next = waiting.last, next.at <= MonotonicClock.now() {
                waiting.removeLast()
                try take(try next.step(next.round), of: next.round)
            } else if number < plan.rounds {
                let scenario = plan.scenarios[number % plan.scenarios.count]
                let round = RaceRound(scenario, number: number, on: lane)
                number += plan.threads
                try take(try round.begin(), of: round)
            } else if let next = waiting.last {
                sleep(until: next.at)
            } else {
                return
            }
        }
    }

    private mutating func take(_ step: RaceStep, of round: RaceRound) throws(RaceFailure) {
        switch step {
        case .done(true):
            tally.counts[round.scenario, default: .init()].decided += 1
            progress.add(completed: 1, errors: 0)
        case .done(false):
            tally.counts[round.scenario, default: .init()].undecided += 1
            progress.add(completed: 1, errors: 0)
        case .later(let instant, let step):
            let place = waiting.lastIndex { $0.at >= instant }.map { $0 + 1 } ?? 0
            waiting.insert(Waiting(at: instant, round: round, step: step), at: place)
        }
    }

    private func sleep(until instant: Int64) {
        // Not longer at once, so that a wish to stop is soon seen.
        let rest = min(100_000_000, max(0, instant - MonotonicClock.now()))
        var pause = timespec(tv_sec: 0, tv_nsec: Int(rest))
        nanosleep(&pause, nil)
    }
}

extension RaceRound {
    /// Runs the round up to its end, or to where it must wait.
    fileprivate func begin() throws(RaceFailure) -> RaceStep {
        switch scenario {
        case .parallelRefresh: try parallelRefresh()
        case .droppedAnswer: try droppedAnswer()
        case .olderGeneration: try olderGeneration()
        case .retryAfterWindow: try retryAfterWindow()
        case .retriesDoNotExtendWindow: try retriesDoNotExtendWindow()
        case .graceCap: try graceCap()
        case .graceKeepsExpiry: try graceKeepsExpiry()
        case .reuseElsewhere: try reuseElsewhere()
        case .revocation: try revocation()
        case .forgedTag: try forgedTag()
        case .cutOff: try cutOff()
        case .uniqueTokens: try uniqueTokens()
        }
    }
}
