import ArgumentParser

/// Times on the command line: numbers of seconds, without units.
enum SecondsText {
    /// Reads seconds with a fraction, or without.
    static func number(_ text: String) throws(ValidationError) -> Double {
        guard let seconds = Double(text) else { throw ValidationError("seconds are meant, such as 10 or 0.5") }
        return seconds
    }
}
