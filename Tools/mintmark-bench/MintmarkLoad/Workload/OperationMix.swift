/// How often each operation comes, in relation to the others.
struct OperationMix: Hashable, Sendable {
    /// The weight of each operation, by its raw value.
    let weights: [Int]

    /// Every operation as often as its weight says, so that a draw is one look-up.
    private let draws: [LoadOperation]

    static let weightMax = 1_000

    /// Reads `sign=1,verify=8,refresh=1`. Nil unless it names operations, each once, with weights from 0 to
    /// `weightMax`, not all of them 0.
    init?(_ text: String) {
        var weights = [Int?](repeating: nil, count: LoadOperation.allCases.count)
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let words = part.split(separator: "=", omittingEmptySubsequences: false)
            guard
                words.count == 2,
                let operation = LoadOperation.requests.first(where: { $0.name == words[0] }),
                weights[operation.rawValue] == nil,
                let weight = Int(words[1]), (0...Self.weightMax).contains(weight)
            else { return nil }
            weights[operation.rawValue] = weight
        }
        self.init(weights: weights.map { $0 ?? 0 })
        if draws.isEmpty { return nil }
    }

    private init(weights: [Int]) {
        self.weights = weights
        draws = LoadOperation.allCases.flatMap { operation in
            Array(repeating: operation, count: weights[operation.rawValue])
        }
    }

    /// Connections, and no requests on them.
    static let handshakes = OperationMix(weights: LoadOperation.allCases.map { $0 == .handshake ? 1 : 0 })

    /// Whether the operation comes at all.
    func contains(_ operation: LoadOperation) -> Bool { weights[operation.rawValue] > 0 }

    /// The share of all that are of this operation, from 0 to 1.
    func share(of operation: LoadOperation) -> Double {
        Double(weights[operation.rawValue]) / Double(weights.reduce(0, +))
    }

    /// Whether the server makes or checks signatures for it.
    var hasSignatures: Bool { [.sign, .verify, .refresh, .open].contains(where: contains) }

    /// The operations that come.
    var operations: [LoadOperation] { LoadOperation.allCases.filter(contains) }

    /// Draws one.
    @inline(__always)
    func draw(_ random: inout SeededRandom) -> LoadOperation {
        draws.count == 1 ? draws[0] : draws[random.below(draws.count)]
    }
}

extension OperationMix: CustomStringConvertible {
    var description: String {
        operations.map { "\($0.name)=\(weights[$0.rawValue])" }.joined(separator: ",")
    }
}
