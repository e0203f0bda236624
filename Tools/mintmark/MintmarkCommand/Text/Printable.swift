extension StringProtocol {
    /// The same text without anything that could steer a terminal: control characters, line and paragraph separators
    /// and changes of direction are spelled `\u{…}`.
    var printable: String {
        var result = ""
        for scalar in unicodeScalars {
            if scalar.steersTerminals {
                result += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

extension Unicode.Scalar {
    /// Whether a terminal may take the scalar for something else than a character to show.
    var steersTerminals: Bool {
        switch value {
        case 0x00...0x1F, 0x7F...0x9F: true
        case 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
