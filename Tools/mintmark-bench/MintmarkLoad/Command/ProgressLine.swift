import Glibc

/// One line on a terminal that tells how a run goes on; nothing where there is no terminal.
struct ProgressLine {
    private let isShown = isatty(STDERR_FILENO) == 1
    private var completedBefore = 0
    private var seconds = 0
    private var view = LiveView()

    /// - Parameter unit: What is counted.
    mutating func show(completed: Int, errors: Int, unit: String) {
        seconds += 1
        guard isShown else { return }
        let rate = Text.number(Double(completed - completedBefore), decimals: 0)
        completedBefore = completed
        let total = Text.number(Double(completed), decimals: 0)
        write("\r\u{1B}[K\(seconds) s: \(rate) \(unit)/s, \(total) in all, \(errors) errors")
    }

    /// Shows how a run goes on.
    mutating func showRun(_ watch: RunWatch) {
        guard isShown else { return }
        write("\r\u{1B}[K" + view.text(watch))
    }

    /// Shows something that comes when it comes.
    func show(_ text: String) {
        if isShown { write("\r\u{1B}[K\(text)") }
    }

    /// Shows something that stays.
    func note(_ text: String) {
        if isShown { write("\r\u{1B}[K\(text)\n") }
    }

    /// Makes room for the report.
    func clear() {
        if isShown { write("\r\u{1B}[K") }
    }

    private func write(_ text: String) {
        try? FileBytes.write(Array(text.utf8), to: STDERR_FILENO)
    }
}
