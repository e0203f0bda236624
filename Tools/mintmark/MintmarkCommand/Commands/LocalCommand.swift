import ArgumentParser

/// A command that asks no server.
protocol LocalCommand: ParsableCommand {
    /// The command's name, as it is given.
    static var name: String { get }

    var output: OutputOptions { get }

    /// Does it, or says in one sentence why it was not done.
    func perform() throws(LocalFailure) -> any CommandAnswer
}

/// Why a command that asks no server was not carried out.
struct LocalFailure: Error, Hashable {
    /// One sentence for people. Never a token or a key.
    let message: String

    /// For scripts: one JSON object on one line, with the members of every other error.
    var json: String {
        var object = JSONObject()
        object.add("error_code", "FAILED")
        object.add("error_description", message)
        object.add("retryable", false)
        return object.text
    }
}
