/// What a text must be before it is read as YAML.
enum YAMLText {
    /// The first thing that keeps `bytes` from being plain UTF-8 text, if there is one.
    ///
    /// Refused: more than ``ConfigurationFile/lengthMax`` bytes, a byte-order mark, malformed UTF-8, and the characters
    /// that YAML 1.1 forbids, NUL first among them. One pass, no memory.
    static func firstFault(in bytes: [UInt8], of file: String) -> ConfigurationFault? {
        var line = 1
        var column = 1
        func fault(_ message: String) -> ConfigurationFault {
            ConfigurationFault(origin: .file(path: file, line: line, column: column), message: message)
        }
        guard bytes.count <= ConfigurationFile.lengthMax else {
            return fault("the file is longer than \(ConfigurationFile.lengthMax) bytes")
        }
        var decoder = UTF8()
        var rest = bytes.makeIterator()
        var previous: Unicode.Scalar = " "
        while true {
            switch decoder.decode(&rest) {
            case .emptyInput:
                return nil
            case .error:
                return fault("the file is not UTF-8 from here on")
            case .scalarValue("\u{FEFF}"):
                return fault("a byte-order mark; the file must be UTF-8 without one")
            case .scalarValue(let scalar):
                guard scalar.isAllowedInYAML else {
                    return fault("the character \(scalar.escaped(asASCII: true)) is not allowed")
                }
                if scalar.isYAMLLineBreak {
                    line += previous == "\r" && scalar == "\n" ? 0 : 1
                    column = 1
                } else {
                    column += 1
                }
                previous = scalar
            }
        }
    }
}

extension Unicode.Scalar {
    fileprivate var isAllowedInYAML: Bool {
        switch value {
        case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0x85, 0xA0...0xFFFD, 0x10000...0x10FFFF: true
        default: false
        }
    }

    fileprivate var isYAMLLineBreak: Bool {
        switch value {
        case 0x0A, 0x0D, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }
}

extension YAMLText {
    /// A text without control characters as a YAML scalar: as it is where that can be nothing else, otherwise in quotes.
    static func scalar(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "a")...UInt8(ascii: "z"): true
            default: "/._-+:".utf8.contains(byte)
            }
        }
        // At these ends, dashes and colons begin sequences and mappings.
        let hasPlainEnds =
            text.utf8.first.map { !"-:".utf8.contains($0) } ?? false && text.utf8.last != UInt8(ascii: ":")
        if isPlain, hasPlainEnds, text.lowercased() != "null" { return text }
        var quoted = "\""
        for character in text {
            if character == "\"" || character == "\\" { quoted += "\\" }
            quoted.append(character)
        }
        return quoted + "\""
    }
}
