/// Looks for the greatest rate that a server stands: doubles until it does not, halves the gap down to three percent,
/// and confirms what it found three times.
struct RateSearch {
    let judge: RateJudge
    let startPerSecond: Double

    /// The rate that was found is known to this share.
    static let precision = 0.03
    static let confirmations = 3
    /// A rate that was not confirmed is made smaller by `precision` at most so often.
    static let retreatsMax = 10

    /// A rate is tried so often at most where it was not the server that did not stand it.
    static let attemptsMax = 2

    /// When the generator was late, though not busy, and the objective was not kept, at so many rates in a row, the search
    /// ends: it would be late at the next one, too.
    static let lateMax = 3

    /// All rates that were tried, in order.
    private(set) var points: [RatePoint] = []
    /// The greatest rate that was confirmed; nil if there is none.
    private(set) var sustainablePerSecond: Double?
    /// What could not be gone on from: a server that is gone, wrong answers, an interruption.
    private(set) var isStopped = false
    /// What kept it from going on, once something had been found out.
    private(set) var failure: LoadFailure?

    init(judge: RateJudge, startPerSecond: Double) {
        self.judge = judge
        self.startPerSecond = startPerSecond
    }

    /// - Parameters:
    ///   - measure: Loads the server at a rate.
    ///   - onPoint: Told of every rate that was tried.
    mutating func run(
        measure: (Double) throws(LoadFailure) -> LoadReport,
        onPoint: (RatePoint) -> Void = { _ in }
    ) throws(LoadFailure) {
        var low = 0.0
        var high = startPerSecond
        while try stands(high, "search", measure, onPoint) {
            low = high
            high *= 2
            guard high <= LoadLimits.ratePerSecondMax else { break }
        }
        if low == 0, !isStopped { low = try lowerStart(below: high, measure, onPoint, &high) }
        while low > 0, high / low > 1 + Self.precision, !isStopped, !Self.isEndedByLateness(points) {
            let middle = (low + high) / 2
            if try stands(middle, "search", measure, onPoint) { low = middle } else { high = middle }
        }
        try confirm(low, measure, onPoint)
    }

    /// Halves a rate that is too great from the beginning; returns one that is not, or 0.
    private mutating func lowerStart(
        below rate: Double,
        _ measure: (Double) throws(LoadFailure) -> LoadReport,
        _ onPoint: (RatePoint) -> Void,
        _ high: inout Double
    ) throws(LoadFailure) -> Double {
        var next = rate / 2
        // What is too seldom for a judgement is even rarer at a smaller rate.
        while next >= 1, !isStopped, points.last?.lacksSamples != true, !Self.isEndedByLateness(points) {
            if try stands(next, "search", measure, onPoint) { return next }
            high = next
            next /= 2
        }
        return 0
    }

    private mutating func confirm(
        _ rate: Double,
        _ measure: (Double) throws(LoadFailure) -> LoadReport,
        _ onPoint: (RatePoint) -> Void
    ) throws(LoadFailure) {
        var rate = rate
        retreating: for _ in 0...Self.retreatsMax where rate >= 1 {
            for _ in 0..<Self.confirmations {
                guard !isStopped else { return }
                guard try stands(rate, "confirm", measure, onPoint) else {
                    if isStopped || points.last?.lacksSamples == true || Self.isEndedByLateness(points) { return }
                    rate *= 1 - Self.precision
                    continue retreating
                }
            }
            sustainablePerSecond = rate
            return
        }
    }

    /// Whether the generator was late as often as ends a search.
    static func isEndedByLateness(_ points: [RatePoint]) -> Bool {
        let purpose = points.last?.purpose
        let late = points.reversed().prefix {
            $0.purpose == purpose && $0.fault != nil && $0.report.verdict.isLateOnly
        }
        return Set(late.map(\.ratePerSecond)).count >= lateMax
    }

    /// Whether the server stands a rate. Where something else was in the way, that may have been chance: it is tried again.
    private mutating func stands(
        _ rate: Double,
        _ purpose: String,
        _ measure: (Double) throws(LoadFailure) -> LoadReport,
        _ onPoint: (RatePoint) -> Void
    ) throws(LoadFailure) -> Bool {
        for _ in 1..<Self.attemptsMax {
            if try stood(rate, purpose, measure, onPoint) { return true }
            guard let point = points.last, !isStopped, !point.isServersFault, !point.lacksSamples else { return false }
        }
        return try stood(rate, purpose, measure, onPoint)
    }

    /// Measures a rate once.
    private mutating func stood(
        _ rate: Double,
        _ purpose: String,
        _ measure: (Double) throws(LoadFailure) -> LoadReport,
        _ onPoint: (RatePoint) -> Void
    ) throws(LoadFailure) -> Bool {
        var report: LoadReport
        do throws(LoadFailure) {
            report = try measure(rate)
        } catch {
            guard !points.isEmpty else { throw error }
            failure = error
            isStopped = true
            return false
        }
        let isBroken = report.tally.errors.wrongAnswer != nil || report.isInterrupted || report.isServerGone
        isStopped = isBroken
        var fault: RateJudge.Fault? = isBroken ? .init(text: "it ended here", isServers: true) : nil
        var lacksSamples = false
        if fault == nil {
            do throws(LoadFailure) {
                fault = try judge.fault(of: report)
            } catch {
                // In the beginning it is for whoever asks to ask better. What was found until then must not be lost: a
                // rate of which nothing can be said keeps no objective.
                guard !points.isEmpty else { throw error }
                fault = .init(text: error.message, isServers: false)
                lacksSamples = true
            }
        }
        report.isAccepted = fault == nil
        var point = RatePoint(ratePerSecond: rate, report: report, fault: fault?.text, purpose: purpose)
        point.isServersFault = fault?.isServers == true
        point.lacksSamples = lacksSamples
        point.figure = judge.figure(of: report)
        points.append(point)
        if let point = points.last { onPoint(point) }
        return fault == nil
    }
}

extension LoadReport {
    /// Whether no connection was left at the end.
    var isServerGone: Bool { intervals.last?.connectionsOpen == 0 }
}
