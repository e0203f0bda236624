extension String {
    /// The text on one line, as what it says: what would steer a terminal is escaped as Swift does it, as in `\u{1B}`.
    package var printable: String {
        guard unicodeScalars.contains(where: \.steersTerminals) else { return self }
        return unicodeScalars.map { $0.steersTerminals ? $0.escaped(asASCII: true) : String($0) }.joined()
    }
}

extension Unicode.Scalar {
    /// Whether this is a control character of Unicode's categories C0, DEL or C1.
    package var isControl: Bool {
        value < 0x20 || (0x7F...0x9F).contains(value)
    }

    /// Whether this begins a line, moves the cursor, is not seen, or turns the direction of what is beside it.
    package var steersTerminals: Bool {
        switch value {
        case 0x61C, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x2069, 0xFEFF: true
        default: isControl
        }
    }
}
