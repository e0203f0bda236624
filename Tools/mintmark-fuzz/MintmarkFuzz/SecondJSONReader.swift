import MintmarkTokens

/// Reads JSON as the scanner of tokens does, by other means: it consumes a list of Unicode scalars and builds values.
///
/// Slow, and written for being right at a glance.
struct SecondJSONReader {
    private struct Refused: Error {}

    private var rest: Substring.UnicodeScalarView
    private let depthMax: Int

    /// Whether `bytes` are one strict JSON object, as ``JSONScanner`` defines it.
    static func isObject(_ bytes: [UInt8], depthMax: Int) -> Bool {
        guard !bytes.starts(with: [0xEF, 0xBB, 0xBF]), let text = String(validating: bytes, as: UTF8.self) else {
            return false
        }
        var reader = SecondJSONReader(rest: Substring(text).unicodeScalars, depthMax: depthMax)
        do {
            reader.skipSpace()
            guard reader.rest.first == "{" else { return false }
            try reader.value(depth: 1)
            reader.skipSpace()
            return reader.rest.isEmpty
        } catch {
            return false
        }
    }

    private mutating func skipSpace() {
        rest = rest.drop { [" ", "\t", "\n", "\r"].contains($0) }
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard rest.first == scalar else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func next() throws -> Unicode.Scalar {
        guard let scalar = rest.popFirst() else { throw Refused() }
        return scalar
    }

    private mutating func value(depth: Int) throws {
        switch rest.first {
        case "{": try list(to: "}", depth: depth, isObject: true)
        case "[": try list(to: "]", depth: depth, isObject: false)
        case "\"": _ = try string()
        case "t": try word("true")
        case "f": try word("false")
        case "n": try word("null")
        default: try number()
        }
    }

    private mutating func word(_ word: String) throws {
        for scalar in word.unicodeScalars where try next() != scalar { throw Refused() }
    }

    private mutating func list(to end: Unicode.Scalar, depth: Int, isObject: Bool) throws {
        guard depth <= depthMax else { throw Refused() }
        _ = try next()
        skipSpace()
        if take(end) { return }
        var names: Set<[UInt16]> = []
        repeat {
            skipSpace()
            if isObject {
                guard rest.first == "\"", names.insert(try string()).inserted else { throw Refused() }
                skipSpace()
                guard take(":") else { throw Refused() }
                skipSpace()
            }
            try value(depth: depth + 1)
            skipSpace()
        } while take(",")
        guard take(end) else { throw Refused() }
    }

    /// The code units of a string, escapes resolved.
    private mutating func string() throws -> [UInt16] {
        _ = try next()
        var units: [UInt16] = []
        while true {
            let scalar = try next()
            switch scalar {
            case "\"":
                // What was escaped must be text, too: no half of a pair.
                guard String(validating: units, as: UTF16.self) != nil else { throw Refused() }
                return units
            case "\\": units.append(try escape())
            case _ where scalar.value < 0x20: throw Refused()
            default: units += Array(String(Character(scalar)).utf16)
            }
        }
    }

    private mutating func escape() throws -> UInt16 {
        switch try next() {
        case "\"": 0x22
        case "\\": 0x5C
        case "/": 0x2F
        case "b": 0x08
        case "f": 0x0C
        case "n": 0x0A
        case "r": 0x0D
        case "t": 0x09
        case "u": try codeUnit()
        default: throw Refused()
        }
    }

    private mutating func codeUnit() throws -> UInt16 {
        var digits = ""
        for _ in 0..<4 { digits.unicodeScalars.append(try next()) }
        guard digits.allSatisfy({ $0.isASCII && $0.isHexDigit }), let unit = UInt16(digits, radix: 16) else {
            throw Refused()
        }
        return unit
    }

    private mutating func number() throws {
        let characters = Set("+-.0123456789eE".unicodeScalars)
        let text = String(rest.prefix { characters.contains($0) })
        rest = rest.dropFirst(text.unicodeScalars.count)
        guard let match = try? /-?(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?/.wholeMatch(in: text) else {
            throw Refused()
        }
        guard text.count <= TokenLimits.numberLengthMax else { throw Refused() }
        let whole = match.output.1
        let digits = whole + (match.output.2 ?? "")
        guard let first = digits.firstIndex(where: { $0 != "0" }) else { return }
        let exponent = Double(match.output.3 ?? "0") ?? .infinity
        let magnitude = Double(whole.count - 1 - digits.distance(from: digits.startIndex, to: first)) + exponent
        guard magnitude.magnitude <= Double(TokenLimits.numberMagnitudeMax) else { throw Refused() }
    }
}
