/// Stands where a token stood, when a value that holds it is shown.
///
/// The types of this module that hold tokens have a mirror of their own with this in it. Everything that shows values
/// without knowing their types goes by the mirror: `print`, string interpolation, `debugPrint`, `dump`, loggers.
struct RedactedToken: CustomStringConvertible, CustomDebugStringConvertible {
    var description: String { "…" }

    var debugDescription: String { description }
}
