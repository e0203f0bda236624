import Testing

/// What the load tool must be able to tell, a line each, and the tests that hold it to that. The list is what a reviewer
/// reads; `AcceptanceListTests` sees to it that every line has its tests and that every name in it is a test.
enum AcceptanceList {
    enum Line: String, CaseIterable {
        /// A server that stands still shows as waiting, with little depth and with much.
        case t1Stall
        /// The mean wait for a busy server is that of M/D/1.
        case t2QueueWait
        /// As many requests are underway as Little's law says.
        case t3Underway
        /// The pace is kept to a thousandth, and lateness is small.
        case t4Pace
        /// Choices by zipf are distributed as they should be, and come again with the seed.
        case t5Zipf
        /// Exactly as many requests are sent as were asked for.
        case t6ExactCount
        /// Requests that are never answered are counted and timed, and the run ends.
        case t7Timeouts
        /// What takes longer than can be tracked is counted, and its time is told.
        case t8Overflow
        /// Each way to lose a server has its class and its exit code, and nothing hangs.
        case t9LostServer
        /// One flipped byte in a thousand tokens is found.
        case t10FlippedByte
        /// A token that must be refused and is accepted ends in exit code 13.
        case t11UnexpectedAccept
        /// A generator without a processor says that its figures are not the server's.
        case t12StarvedGenerator
        /// A search finds a known capacity, three times running.
        case t13Capacity
        /// Equal runs are equal; a slower one is found.
        case t14Comparison
        /// A threshold on what does not exist, or was not measured, is no pass.
        case t15UnknownMetric
        /// Whoever interrupts a run gets a report that fits the schema, marked, and exit code 4.
        case t16Interruption
        /// Logs are read and written to the count, those of others too, and add up.
        case t17Log
        /// The live view costs nothing that matters.
        case t18LiveView
        /// Too few sessions are told of with the number that is needed, and make no wrong answers.
        case t19Sessions
        /// The page needs no network, and shows the series.
        case t20Page
    }

    /// A test, by where it stands.
    struct Trial: Hashable, Sendable, CustomTestStringConvertible {
        var line: Line
        var file: String
        var test: String

        var testDescription: String { "\(line.rawValue): \(test)" }
    }

    static let trials: [Trial] = rows.flatMap { line, file, tests in
        tests.map { Trial(line: line, file: file, test: $0) }
    }

    private static let endToEnd = "../MintmarkEndToEndTests/Load/LoadToolTests.swift"
    /// Serially, on real time: by `Tools/test --long`.
    private static let onRealTime = "../MintmarkEndToEndTests/Load/LoadToolTimeTests.swift"

    private static let rows: [(Line, file: String, tests: [String])] = [
        (.t1Stall, "Virtual/TruthTests.swift", ["stall"]),
        (.t1Stall, onRealTime, ["stall"]),
        (.t2QueueWait, "Virtual/TruthTests.swift", ["queueWait"]),
        (.t3Underway, "Virtual/TruthTests.swift", ["underway"]),
        (.t4Pace, onRealTime, ["pace"]),
        (.t5Zipf, "Workload/KeyChoiceTests.swift", ["zipf"]),
        (.t6ExactCount, "Engine/LoadRunTests.swift", ["exactCount", "exactCountBelowRoom"]),
        (.t7Timeouts, "Virtual/TruthTests.swift", ["timeouts"]),
        (.t8Overflow, "Virtual/TruthTests.swift", ["overflow"]),
        (.t9LostServer, endToEnd, ["killedDaemon", "stoppedDaemon", "wrongCertificate"]),
        (.t9LostServer, "Engine/FaultyServerTests.swift", ["isFound", "oneOfTwo"]),
        (.t9LostServer, "Engine/LoadRunTests.swift", ["unreachable", "hangs"]),
        (.t9LostServer, "Virtual/HandshakeTests.swift", ["unreachable", "failedReconnect"]),
        (.t10FlippedByte, "Engine/HostileTests.swift", ["flippedByte"]),
        (.t11UnexpectedAccept, "Engine/HostileTests.swift", ["accepted", "expiredAccepted"]),
        (.t12StarvedGenerator, "Virtual/TruthTests.swift", ["absentGenerator"]),
        (.t12StarvedGenerator, onRealTime, ["starvedGenerator"]),
        (.t13Capacity, "Virtual/SearchTests.swift", ["capacity"]),
        (.t14Comparison, "Gates/GateTests.swift", ["comparison", "twentyComparisons"]),
        (.t15UnknownMetric, "Gates/GateTests.swift", ["expressions", "notMeasured"]),
        (.t15UnknownMetric, "Command/CommandTests.swift", ["usage"]),
        (.t16Interruption, "Report/RunDocumentTests.swift", ["interrupted"]),
        (.t16Interruption, endToEnd, ["interruption"]),
        (.t17Log, "Measures/HistogramFileTests.swift", ["foreignLog", "roundTrip"]),
        (.t17Log, "Report/RunDocumentTests.swift", ["log"]),
        (.t18LiveView, onRealTime, ["liveView"]),
        (.t19Sessions, "Engine/LoadRunTests.swift", ["starved", "tooFewSessions"]),
        (.t20Page, "Report/PageTests.swift", ["needsNothingFromElsewhere", "showsEverySecond"]),
    ]
}
