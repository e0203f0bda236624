import Glibc

/// Which of many tokens or sessions a request is about.
enum KeyChoice: Hashable, Sendable {
    case uniform
    /// The k-th as often as 1/k^θ says: a few are asked for all the time.
    case zipf(theta: Double)
    /// The same, counted from the newest.
    case latest(theta: Double)
    /// One after the other.
    case sequential

    static let thetaDefault = 0.99
    static let thetaMax = 5.0

    /// Reads `uniform`, `zipf`, `zipf:0.8`, `latest`, `latest:0.8` and `sequential`. Nil for anything else.
    init?(_ text: String) {
        let words = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        var theta = Self.thetaDefault
        if words.count == 2 {
            guard let given = Double(words[1]), given > 0, given <= Self.thetaMax else { return nil }
            theta = given
        }
        switch (words.first, words.count) {
        case ("uniform", 1): self = .uniform
        case ("sequential", 1): self = .sequential
        case ("zipf", _): self = .zipf(theta: theta)
        case ("latest", _): self = .latest(theta: theta)
        default: return nil
        }
    }
}

extension KeyChoice: CustomStringConvertible {
    var description: String {
        switch self {
        case .uniform: "uniform"
        case .zipf(let theta): "zipf:\(theta)"
        case .latest(let theta): "latest:\(theta)"
        case .sequential: "sequential"
        }
    }
}

/// Draws numbers from 0 to `count` - 1 as a `KeyChoice` says. A draw is one random number and one look-up.
///
/// Zipf's law is met exactly, with Walker's alias table (Vose 1991): every place of it is a number and the share at which
/// its alias is taken instead. The table is shared by copies.
struct KeyChooser: Sendable {
    private struct Place: Sendable {
        var share: Float
        var alias: UInt32
    }

    let count: Int
    private let choice: KeyChoice
    private let places: [Place]
    private var nextNumber: Int
    private let stride: Int

    /// - Parameters:
    ///   - first: Where a thread begins, in sequence.
    ///   - stride: How many threads share the sequence.
    init(_ choice: KeyChoice, count: Int, first: Int = 0, stride: Int = 1) {
        self.choice = choice
        self.count = count
        self.stride = stride
        nextNumber = count > 0 ? first % count : 0
        switch choice {
        case .uniform, .sequential: places = []
        case .zipf(let theta), .latest(let theta): places = Self.places(theta: theta, count: count)
        }
    }

    @inline(__always)
    mutating func draw(_ random: inout SeededRandom) -> Int {
        switch choice {
        case .uniform: return random.below(count)
        case .sequential: return next()
        case .zipf: return rank(&random)
        case .latest: return count - 1 - rank(&random)
        }
    }

    private mutating func next() -> Int {
        defer { nextNumber = (nextNumber + stride) % count }
        return nextNumber
    }

    private func rank(_ random: inout SeededRandom) -> Int {
        let number = random.below(count)
        let place = places[number]
        return Float(random.unit()) <= place.share ? number : Int(place.alias)
    }

    private static func places(theta: Double, count: Int) -> [Place] {
        var weights = (1...max(1, count)).map { pow(Double($0), -theta) }
        let scale = Double(count) / weights.reduce(0, +)
        for index in weights.indices { weights[index] *= scale }
        var places = [Place](repeating: Place(share: 1, alias: 0), count: count)
        var (small, large): ([Int], [Int]) = ([], [])
        for index in weights.indices {
            if weights[index] < 1 { small.append(index) } else { large.append(index) }
        }
        while let less = small.last, let more = large.last {
            small.removeLast()
            places[less] = Place(share: Float(weights[less]), alias: UInt32(more))
            weights[more] -= 1 - weights[less]
            if weights[more] < 1 {
                large.removeLast()
                small.append(more)
            }
        }
        return places
    }
}
