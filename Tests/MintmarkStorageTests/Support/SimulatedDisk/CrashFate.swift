import MintmarkTestSupport

/// What becomes of the changes that were not synced when the power goes. Drawn for each file and for the directory, so
/// that plain outcomes are as common as odd ones.
enum CrashFate {
    case nothingKept
    case everythingKept

    /// The first so many changes are kept, the next one in part.
    case prefixKept(Int)

    /// Each change, and each sector of it, is kept or not by itself.
    case scattered(keptIn1000: Int)

    static func draw(changeCount: Int, using generator: inout SeededGenerator) -> CrashFate {
        switch Int.random(in: 0..<10, using: &generator) {
        case 0..<2: .nothingKept
        case 2..<4: .everythingKept
        case 4..<7: .prefixKept(Int.random(in: 0...changeCount, using: &generator))
        default: .scattered(keptIn1000: [100, 500, 900].randomElement(using: &generator) ?? 500)
        }
    }

    /// Whether change number `index`, or one sector of it, is kept.
    func keeps(_ index: Int, using generator: inout SeededGenerator) -> Bool {
        switch self {
        case .nothingKept: false
        case .everythingKept: true
        case .prefixKept(let count) where index == count: Bool.random(using: &generator)
        case .prefixKept(let count): index < count
        case .scattered(let keptIn1000): Int.random(in: 0..<1_000, using: &generator) < keptIn1000
        }
    }

    /// How many of the changes of a file's length are kept: they are written in their order.
    func keptLengthCount(of changeCount: Int, using generator: inout SeededGenerator) -> Int {
        switch self {
        case .nothingKept: 0
        case .everythingKept: changeCount
        case .prefixKept(let count): count
        case .scattered: Int.random(in: 0...changeCount, using: &generator)
        }
    }
}
