/// How many bytes the claims have that SIGN and OPEN are given: one size, a range, or sizes with weights.
struct ClaimSizes: Hashable, Sendable {
    /// As it was written.
    let description: String
    /// Sizes, each as often as its weight says.
    private let sizes: [Int]

    /// `{"pad":""}` has ten.
    static let bytesMin = 10
    /// The server has a limit of its own, and says so.
    static let bytesMax = 16_384
    static let weightMax = 1_000
    static let countMax = 64

    /// Reads `64`, `64-512` and `64=9,1024=1`. Nil for anything else, and for sizes beyond the bounds.
    init?(_ text: String) {
        description = text
        let bounds = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        if bounds.count == 2 {
            guard let low = bounds[0], let high = bounds[1], low <= high else { return nil }
            guard Self.isSize(low), Self.isSize(high) else { return nil }
            sizes = Array(low...high)
            return
        }
        var sizes: [Int] = []
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count <= Self.countMax else { return nil }
        for part in parts {
            let words = part.split(separator: "=", omittingEmptySubsequences: false).map { Int($0) }
            guard (1...2).contains(words.count), let size = words[0], Self.isSize(size) else { return nil }
            guard let weight = words.count == 2 ? words[1] : 1, (1...Self.weightMax).contains(weight) else {
                return nil
            }
            sizes += Array(repeating: size, count: weight)
        }
        self.sizes = sizes
    }

    private static func isSize(_ value: Int) -> Bool { (bytesMin...bytesMax).contains(value) }

    /// Claims for the request of this number: always the same.
    func claims(_ number: Int) -> [UInt8] {
        var random = SeededRandom(seed: UInt64(number), purpose: 98)
        let padding = sizes[random.below(sizes.count)] - Self.bytesMin
        return Array(#"{"pad":""#.utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: padding) + Array(#""}"#.utf8)
    }
}
