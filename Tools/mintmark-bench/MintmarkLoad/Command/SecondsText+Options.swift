import ArgumentParser
import MintmarkProgram

extension SecondsText {
    /// Reads seconds with a fraction, or without.
    static func number(_ text: String) throws(ValidationError) -> Double {
        guard let seconds = seconds(text) else { throw ValidationError("seconds are meant, such as 10, 0.5 or 5m") }
        return seconds
    }
}
