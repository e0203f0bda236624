/// What a run is held against when it is over.
struct Gate: Sendable {
    /// One threshold, and what came of it.
    struct Outcome: Sendable {
        let threshold: Threshold
        /// In the metric's unit.
        let value: Double
        var isViolated: Bool { threshold.holds(for: value) }
    }

    let thresholds: [Threshold]

    /// Holds a report against all thresholds.
    ///
    /// - Throws: `LoadFailure.usage` where one says something of what was not measured.
    func judge(_ document: RunDocument) throws(LoadFailure) -> [Outcome] {
        var outcomes: [Outcome] = []
        for threshold in thresholds {
            outcomes.append(Outcome(threshold: threshold, value: try document.value(of: threshold.metric)))
        }
        return outcomes
    }

    /// Finds out before a run whether its thresholds can be judged at all.
    static func check(_ thresholds: [Threshold], _ mix: OperationMix, isOpenLoop: Bool) throws(LoadFailure) {
        for threshold in thresholds {
            let metric = threshold.metric
            if let operation = LoadOperation.allCases.first(where: { $0.name == metric.subject }),
                !mix.contains(operation)
            {
                throw .usage("'\(threshold)': \(operation.name) is not in the mix")
            }
            if !isOpenLoop, metric.needsSchedule {
                throw .usage("'\(threshold)': a closed loop has no schedule, so there is no such figure")
            }
        }
    }
}

extension Metric {
    /// Whether it exists only where requests are due at an instant.
    var needsSchedule: Bool {
        switch figure {
        case .percentile(let times, _), .minimum(let times), .mean(let times), .maximum(let times):
            times != .response
        case .achieved, .ownLag: true
        default: false
        }
    }

    /// A value in words, in the metric's unit.
    func words(for value: Double) -> String {
        switch unit {
        case .microseconds: "\(Text.number(value, decimals: 1)) µs"
        case .bytes: "\(Text.number(value / 1_048_576, decimals: 1)) MiB"
        case .share: "\(Text.number(value * 100, decimals: 3)) %"
        case .number: Text.number(value, decimals: value == value.rounded() ? 0 : 2)
        }
    }
}

extension Gate.Outcome {
    var text: String {
        "\(isViolated ? "FAILED" : "passed")      \(threshold): \(threshold.metric.words(for: value))"
    }

    var json: JSONValue {
        .object([
            ("expression", .string(threshold.text)),
            ("value", .number(value) as JSONValue),
            ("violated", .bool(isViolated)),
        ])
    }
}
