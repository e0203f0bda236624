import ArgumentParser

/// Times on the command line: numbers of seconds, without units.
enum SecondsText {
    /// Reads whole seconds.
    static func whole(_ text: String) throws(ValidationError) -> UInt32 {
        guard let seconds = UInt32(text) else {
            throw ValidationError("whole seconds are meant, from 0 to \(UInt32.max), such as 3600")
        }
        return seconds
    }

    /// Reads seconds with a fraction, or without.
    static func number(_ text: String) throws(ValidationError) -> Double {
        guard let seconds = Double(text) else { throw ValidationError("seconds are meant, such as 10 or 0.5") }
        return seconds
    }
}
