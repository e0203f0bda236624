/// The command was given wrongly.
struct UsageError: Error, Hashable {
    /// One sentence for people. Never a token or a claim.
    let message: String

    init(_ message: String) {
        self.message = message
    }
}
