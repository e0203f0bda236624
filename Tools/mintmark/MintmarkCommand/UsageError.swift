/// The command was given wrongly.
struct UsageError: Error, Hashable {
    /// One sentence for people. Never a token or a claim.
    let message: String

    init(_ message: String) {
        self.message = message
    }
}

extension UsageError {
    /// For scripts: one JSON object on one line, with the members of every other error.
    var json: String {
        var object = JSONObject()
        object.add("error", "invalid_request")
        object.add("error_code", "USAGE")
        object.add("error_description", message)
        object.add("retryable", false)
        return object.text
    }
}
