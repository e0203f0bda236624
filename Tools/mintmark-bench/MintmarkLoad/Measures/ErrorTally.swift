/// How often what went wrong, when, and how it looked the first time.
struct ErrorTally: Sendable {
    struct Entry: Hashable, Sendable {
        var count: Int
        var firstExample: String
        /// When the first and the last one came, in nanoseconds from the run's start.
        var firstAt: Int64
        var lastAt: Int64
    }

    private(set) var entries: [ErrorClass: Entry] = [:]

    /// - Parameter instant: Nanoseconds from the run's start.
    mutating func add(
        _ error: ErrorClass,
        count: Int = 1,
        at instant: Int64 = 0,
        _ example: @autoclosure () -> String
    ) {
        guard count > 0 else { return }
        guard var entry = entries[error] else {
            entries[error] = Entry(count: count, firstExample: example(), firstAt: instant, lastAt: instant)
            return
        }
        entry.count += count
        entry.lastAt = max(entry.lastAt, instant)
        entries[error] = entry
    }

    mutating func add(_ other: ErrorTally) {
        for (error, entry) in other.entries {
            guard let mine = entries[error] else {
                entries[error] = entry
                continue
            }
            let first = entry.firstAt < mine.firstAt ? entry : mine
            entries[error] = Entry(
                count: mine.count + entry.count,
                firstExample: first.firstExample,
                firstAt: first.firstAt,
                lastAt: max(mine.lastAt, entry.lastAt)
            )
        }
    }

    /// By name.
    var sorted: [(error: ErrorClass, entry: Entry)] {
        entries.map { ($0.key, $0.value) }.sorted { $0.0.name < $1.0.name }
    }

    /// The example of a wrong answer, if there was one.
    var wrongAnswer: String? { sorted.first { $0.error.isWrongAnswer }?.entry.firstExample }

    /// Whether an answer was lost.
    var hasLoss: Bool { entries.keys.contains(where: \.isLoss) }

    /// What broke connections, or kept them from coming about: any loss but of an answer that was only too late.
    var brokenConnections: [(error: ErrorClass, entry: Entry)] {
        sorted.filter { $0.error.isLoss && $0.error != .requestTimeout }
    }

    var count: Int { entries.values.reduce(0) { $0 + $1.count } }
}
