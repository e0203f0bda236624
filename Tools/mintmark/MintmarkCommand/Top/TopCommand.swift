import ArgumentParser
import Glibc
import MintmarkClient
import MintmarkProgram

/// `mintmark top`
struct TopCommand: ServerCommand {
    static let name = "top"

    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Shows what the server does, again and again.",
        usage: "mintmark top [--interval <seconds>] [--once] [options]",
        discussion: """
            Examples:
              mintmark top
              mintmark top --interval 5 --unix /run/mintmark/mintmark.sock
              mintmark top --once
              mintmark top --json | jq .requests

            Rates are those of the last interval, each a second's worth. Ctrl-C ends it and leaves the terminal as it \
            was. NO_COLOR in the environment keeps it from painting. With --json it writes an object on each line.

            Where the server tells clients apart, the client needs the permission to ask for statistics.
            """
    )

    /// Seconds from one frame to the next.
    static let intervals: ClosedRange<Double> = 0.1...3_600

    @Option(
        help: ArgumentHelp("From one frame to the next, 0.1 to 3600.", valueName: "seconds"),
        transform: SecondsText.number
    )
    var interval: Double = 1

    @Flag(help: "Show one frame, of one interval, and end.")
    var once = false

    @OptionGroup var connection: ConnectionOptions

    @OptionGroup var output: OutputOptions

    /// Of `--once`.
    func call(reading input: InputReader) throws(UsageError) -> ServerCall {
        try checkInterval()
        let (pause, isColored) = (Duration.seconds(interval), Self.mayColor && isatty(STDOUT_FILENO) == 1)
        return { client throws(MintmarkError) in
            let first = try await Self.sample(client)
            var last = first
            while true {
                try? await Task.sleep(for: pause)
                last = try await Self.sample(client)
                if let interval = TopInterval(from: first, to: last) {
                    let frame = TopFrame(interval: interval, curve: [interval.requestRate])
                    return TopAnswer(frame: frame, isColored: isColored)
                }
            }
        }
    }

    func checkInterval() throws(UsageError) {
        guard Self.intervals.contains(interval) else {
            throw UsageError("--interval takes 0.1 to 3600 seconds")
        }
    }

    static func sample(_ client: MintmarkClient) async throws(MintmarkError) -> TopSample {
        let statistics = try await client.stats()
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return TopSample(
            statistics,
            atNanoseconds: UInt64(max(0, time.tv_sec)) * 1_000_000_000 + UInt64(time.tv_nsec)
        )
    }

    /// Unless the variable `NO_COLOR` forbids it (no-color.org).
    static var mayColor: Bool { getenv("NO_COLOR").map { $0[0] == 0 } ?? true }
}

/// One frame.
struct TopAnswer: CommandAnswer {
    var frame: TopFrame
    var isColored: Bool

    var json: String { frame.json }

    func text(at now: UInt64) -> String { frame.lines(isColored: isColored).joined(separator: "\n") }
}
