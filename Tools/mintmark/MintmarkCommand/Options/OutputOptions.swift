import ArgumentParser

/// How to answer.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Answer with one JSON object on one line, errors too.")
    var json = false
}
