import ArgumentParser

/// `mintmark-bench report`
struct ReportCommand: LoadCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Shows saved runs: as a page with plots, as Markdown, CSV or files of HdrHistogram.",
        discussion: """
            Asks no server and needs no network. Several files are shown side by side in HTML, and one behind the other \
            in Markdown; CSV and HdrHistogram's files take one. An output of - is standard output. Without any output \
            the Markdown is shown. With --fail-if, saved runs are judged: exit code 10, or what a run was saved with if \
            that is 13 (wrong answers), 4 (not whole) or 12 (invalid); of several the first in the order 13, 4, 12, 10.

            Examples:
              mintmark-bench report run.json --html run.html
              mintmark-bench report base.json new.json --html both.html
              mintmark-bench report run.json --hgrm verify.hgrm --operation verify
              mintmark-bench report run.json --percentiles 50,99,99.5 \\
                --fail-if 'p99(verify) > 2ms'
            """
    )

    static let filesMax = 8

    @Argument(help: ArgumentHelp("Reports that --json has written.", valueName: "file"))
    var files: [String]

    @Option(help: ArgumentHelp("Write one page with plots, complete in itself.", valueName: "file"))
    var html: String?

    @Option(help: ArgumentHelp("Write Markdown.", valueName: "file"))
    var markdown: String?

    @Option(help: ArgumentHelp("Write the seconds of the run, comma-separated.", valueName: "file"))
    var csv: String?

    @Option(help: ArgumentHelp("Write the seconds of the run as an HdrHistogram log.", valueName: "file"))
    var hlog: String?

    @Option(
        help: ArgumentHelp(
            "Write the response times of the whole run as HdrHistogram's distribution by percentile, in µs.",
            valueName: "file"
        )
    )
    var hgrm: String?

    @Option(help: ArgumentHelp("Which operation --hgrm is about. (default: all together)", valueName: "name"))
    var operation: String?

    @OptionGroup var figures: FigureOptions

    @Option(parsing: .singleValue, help: ArgumentHelp("What must not be; exit code 10.", valueName: "expression"))
    var failIf: [String] = []

    func measure() throws(LoadFailure) -> Completion {
        guard files.count <= Self.filesMax else { throw .usage("at most \(Self.filesMax) reports are shown at once") }
        guard files.count == 1 || [csv, hlog, hgrm].allSatisfy({ $0 == nil }) else {
            throw .usage("--csv, --hlog and --hgrm take one report")
        }
        guard operation == nil || hgrm != nil else { throw .usage("--operation goes with --hgrm") }
        let percentiles = try figures.list()
        let gate = Gate(thresholds: try GateOptions.thresholds(failIf))
        var documents: [RunDocument] = []
        for file in files {
            var document = try RunDocument.read(file)
            document.percentiles = percentiles
            documents.append(document)
        }
        var output = ""
        func write(_ text: String, _ path: String?) throws(LoadFailure) {
            guard let path else { return }
            guard path != "-" else {
                output += text
                return
            }
            try Self.write(text, path)
        }
        if let html { try write(try HTMLReport(documents, names: files).text, html) }
        try write(documents.map(\.markdown).joined(separator: "\n"), markdown)
        if let csv { try write(documents[0].csv, csv) }
        if let hlog { try write(try documents[0].histogramLog().text, hlog) }
        if let hgrm { try write(try documents[0].percentileDistribution(of: operation).text, hgrm) }
        let (outcomes, status) = try judge(documents, gate)
        if [html, markdown, csv, hlog, hgrm].allSatisfy({ $0 == nil }) {
            output += documents.map(\.markdown).joined(separator: "\n")
        }
        output += outcomes.map { $0.text + "\n" }.joined()
        return Completion(status, output: output)
    }

    /// Holds all of them against thresholds. Without a threshold nobody asks what they are worth.
    private func judge(
        _ documents: [RunDocument],
        _ gate: Gate
    ) throws(LoadFailure) -> (outcomes: [Gate.Outcome], status: CommandStatus) {
        guard !gate.thresholds.isEmpty else { return ([], .passed) }
        var outcomes: [Gate.Outcome] = []
        var status = CommandStatus.passed
        for document in documents {
            status = status.combined(with: document.status)
            do throws(LoadFailure) {
                outcomes += try gate.judge(document)
            } catch {
                // What was not measured is no pass; but a run that is not whole has said so already.
                guard [.wrongAnswer, .aborted].contains(document.status) else { throw error }
            }
        }
        let isViolated = outcomes.contains(where: \.isViolated)
        return (outcomes, isViolated ? status.combined(with: .thresholdFailed) : status)
    }

    private static func write(_ text: String, _ path: String) throws(LoadFailure) {
        do throws(SystemFault) {
            try FileBytes.write(Array(text.utf8), to: path)
        } catch {
            throw .failed("\(path) cannot be written: \(error)")
        }
    }
}
