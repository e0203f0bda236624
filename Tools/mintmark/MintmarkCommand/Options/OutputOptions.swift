import ArgumentParser

/// How to answer.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Answer with one JSON object on one line, errors too.")
    var json = false

    /// Whether arguments that could not be parsed ask for JSON. What stands behind `--` is no option.
    static func isJSONWanted(by arguments: [String]) -> Bool {
        arguments.prefix { $0 != "--" }.contains("--json")
    }
}
