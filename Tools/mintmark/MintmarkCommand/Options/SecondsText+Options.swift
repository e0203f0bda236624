import ArgumentParser
import MintmarkProgram

extension SecondsText {
    /// Reads whole seconds.
    static func whole(_ text: String) throws(ValidationError) -> UInt32 {
        guard let seconds = wholeSeconds(text) else {
            throw ValidationError("whole seconds are meant, from 0 to \(UInt32.max), such as 300 or 5m")
        }
        return seconds
    }

    /// Reads seconds with a fraction, or without.
    static func number(_ text: String) throws(ValidationError) -> Double {
        guard let seconds = seconds(text) else { throw ValidationError("seconds are meant, such as 10, 0.5 or 5m") }
        return seconds
    }
}
