import MintmarkWire

/// What can go wrong with a request.
enum ErrorClass: Hashable, Sendable {
    /// The connection broke.
    case reset
    /// The server ended the stream between two frames, with requests unanswered.
    case endOfStream
    /// The server ended the stream inside a frame.
    case endOfStreamInFrame
    /// There was no answer when the time for answers was over.
    case requestTimeout
    /// An answer that breaks the protocol.
    case protocolDecode
    /// An answer to a request that nobody made, or that was answered already.
    case idMismatch
    /// An error that the server answered.
    case status(StatusCode)
    /// A good token that the server calls inactive.
    case inactive(StatusCode)
    /// An answer whose content is wrong: a signature, a claim, a generation.
    case validation
    /// It was due, and all connections had as many requests underway as they may.
    case notSentInFlightCap
    /// A refresh was due, and every session had one underway.
    case sessionStarved

    var name: String {
        switch self {
        case .reset: "reset"
        case .endOfStream: "eof"
        case .endOfStreamInFrame: "eof_mid_frame"
        case .requestTimeout: "request_timeout"
        case .protocolDecode: "protocol_decode"
        case .idMismatch: "id_mismatch"
        case .status(StatusCode(.busy)): "shed_busy"
        case .status(let status): "status_\(status.description.lowercased())"
        case .inactive(let status): "inactive_\(status.description.lowercased())"
        case .validation: "validation"
        case .notSentInFlightCap: "not_sent_inflight_cap"
        case .sessionStarved: "session_starved"
        }
    }

    /// Whether a server that keeps the protocol never does this: every request was a good one.
    var isWrongAnswer: Bool {
        switch self {
        case .protocolDecode, .idMismatch, .inactive, .validation: true
        case .status(let status): !status.isRetryable && !status.closesConnection
        case .reset, .endOfStream, .endOfStreamInFrame, .requestTimeout: false
        case .notSentInFlightCap, .sessionStarved: false
        }
    }

    /// Whether an answer is lost: with its connection, or because nobody waited for it any longer.
    var isLoss: Bool {
        switch self {
        case .reset, .endOfStream, .endOfStreamInFrame, .requestTimeout: true
        case .status(let status): status.closesConnection
        default: false
        }
    }
}

/// How often what went wrong, and how it looked the first time.
struct ErrorTally: Sendable {
    struct Entry: Hashable, Sendable {
        var count: Int
        var firstExample: String
    }

    private(set) var entries: [ErrorClass: Entry] = [:]

    mutating func add(_ error: ErrorClass, count: Int = 1, _ example: @autoclosure () -> String) {
        guard count > 0 else { return }
        entries[error, default: Entry(count: 0, firstExample: "")].count += count
        if entries[error]?.firstExample.isEmpty == true {
            entries[error]?.firstExample = example()
        }
    }

    mutating func add(_ other: ErrorTally) {
        for (error, entry) in other.entries {
            add(error, count: entry.count, entry.firstExample)
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

    var count: Int { entries.values.reduce(0) { $0 + $1.count } }
}
