/// Reads deflated bytes (RFC 1951). For files of some hundred kilobytes: it decodes bit by bit.
struct Inflater {
    /// A canonical Huffman code: how many codes there are of each length, and the symbols in the order of their codes.
    private struct Code {
        private(set) var counts = [Int](repeating: 0, count: 16)
        private(set) var symbols: [Int]

        init(lengths: [Int]) {
            for length in lengths { counts[length] += 1 }
            symbols = lengths.indices.filter { lengths[$0] > 0 }.sorted { (lengths[$0], $0) < (lengths[$1], $1) }
            counts[0] = 0
        }
    }

    private static let lengthBases = [
        3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227,
        258,
    ]
    private static let lengthBits = [
        0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
    ]
    private static let distanceBases = [
        1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1_025, 1_537, 2_049, 3_073,
        4_097,
        6_145, 8_193, 12_289, 16_385, 24_577,
    ]
    private static let distanceBits = [
        0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
    ]
    private static let lengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

    private let input: [UInt8]
    private var place = 0
    private var bit = 0
    private var output: [UInt8] = []

    init(_ input: [UInt8]) {
        self.input = input
    }

    /// Everything up to the last block; nil if it is damaged, or more than anybody wants.
    mutating func run() -> [UInt8]? {
        while true {
            guard let isLast = bits(1), let kind = bits(2) else { return nil }
            let isGood =
                switch kind {
                case 0: copyStored()
                case 1: copyCoded(Code(lengths: Self.fixedLengths), Code(lengths: [Int](repeating: 5, count: 30)))
                case 2: copyDynamic()
                default: false
                }
            guard isGood else { return nil }
            if isLast == 1 { return output }
        }
    }

    /// The next whole bytes behind what was read.
    mutating func rest(_ count: Int) -> ArraySlice<UInt8>? {
        alignToByte()
        guard place + count <= input.count else { return nil }
        return input[place..<place + count]
    }

    private static let fixedLengths: [Int] = (0..<288).map { symbol in
        switch symbol {
        case ..<144: 8
        case ..<256: 9
        case ..<280: 7
        default: 8
        }
    }

    private mutating func bits(_ count: Int) -> Int? {
        var value = 0
        for shift in 0..<count {
            guard place < input.count else { return nil }
            value |= Int(input[place] >> UInt8(bit) & 1) << shift
            bit += 1
            if bit == 8 { alignToByte() }
        }
        return value
    }

    private mutating func alignToByte() {
        guard bit > 0 else { return }
        bit = 0
        place += 1
    }

    private mutating func symbol(_ code: Code) -> Int? {
        var (value, first, index) = (0, 0, 0)
        for length in 1...15 {
            guard let next = bits(1) else { return nil }
            value |= next
            let count = code.counts[length]
            if value - count < first { return code.symbols[index + value - first] }
            index += count
            first = (first + count) << 1
            value <<= 1
        }
        return nil
    }

    private mutating func copyStored() -> Bool {
        alignToByte()
        guard place + 4 <= input.count else { return false }
        let length = Int(input[place]) | Int(input[place + 1]) << 8
        let complement = Int(input[place + 2]) | Int(input[place + 3]) << 8
        place += 4
        guard length == ~complement & 0xFFFF, place + length <= input.count else { return false }
        output += input[place..<place + length]
        place += length
        return output.count <= Zlib.inflatedBytesMax
    }

    private mutating func copyDynamic() -> Bool {
        guard let literals = bits(5), let distances = bits(5), let lengths = bits(4) else { return false }
        var codeLengths = [Int](repeating: 0, count: 19)
        for index in 0..<lengths + 4 {
            guard let length = bits(3) else { return false }
            codeLengths[Self.lengthOrder[index]] = length
        }
        let code = Code(lengths: codeLengths)
        let total = literals + 257 + distances + 1
        var all: [Int] = []
        while all.count < total {
            guard let symbol = symbol(code), let run = run(of: symbol, last: all.last) else { return false }
            all += [Int](repeating: run.length, count: run.count)
        }
        guard all.count == total else { return false }
        return copyCoded(Code(lengths: Array(all[..<(literals + 257)])), Code(lengths: Array(all[(literals + 257)...])))
    }

    /// What a symbol of the code for code lengths stands for.
    private mutating func run(of symbol: Int, last: Int?) -> (length: Int, count: Int)? {
        switch symbol {
        case ..<16: return (symbol, 1)
        case 16:
            guard let last, let more = bits(2) else { return nil }
            return (last, 3 + more)
        case 17: return bits(3).map { (0, 3 + $0) }
        default: return bits(7).map { (0, 11 + $0) }
        }
    }

    private mutating func copyCoded(_ literals: Code, _ distances: Code) -> Bool {
        while output.count <= Zlib.inflatedBytesMax {
            guard let symbol = symbol(literals) else { return false }
            if symbol < 256 {
                output.append(UInt8(symbol))
            } else if symbol == 256 {
                return true
            } else {
                guard symbol - 257 < Self.lengthBases.count, copyMatch(symbol - 257, distances) else { return false }
            }
        }
        return false
    }

    private mutating func copyMatch(_ index: Int, _ distances: Code) -> Bool {
        guard
            let more = bits(Self.lengthBits[index]), let symbol = symbol(distances),
            symbol < Self.distanceBases.count, let further = bits(Self.distanceBits[symbol])
        else { return false }
        let distance = Self.distanceBases[symbol] + further
        guard distance <= output.count else { return false }
        for _ in 0..<Self.lengthBases[index] + more {
            output.append(output[output.count - distance])
        }
        return true
    }
}
