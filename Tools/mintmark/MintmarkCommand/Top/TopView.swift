import Glibc
import MintmarkClient

/// `top` without `--once`: frame after frame, until somebody ends the process or the output is not taken any more.
struct TopView {
    /// How frames are shown.
    enum Style: Equatable {
        /// Each over the one before.
        case screen(isColored: Bool)
        /// One under the other, with an empty line between them.
        case text
        /// An object on each line.
        case json
    }

    let style: Style
    private var last: TopSample?
    private var curve: [Double] = []

    init(_ style: Style) {
        self.style = style
    }

    /// The style for what this process writes to.
    static func style(asJSON: Bool) -> Style {
        guard !asJSON else { return .json }
        return isatty(STDOUT_FILENO) == 1 ? .screen(isColored: TopCommand.mayColor) : .text
    }

    /// Asks and shows again and again. Throws only where the first question was not answered; what goes wrong later is
    /// shown, and asked again.
    mutating func run(_ client: MintmarkClient, every pause: Duration) async throws(MintmarkError) {
        last = try await TopCommand.sample(client)
        if case .screen = style {
            TopScreen.open()
            TopScreen.draw(["Waiting for the first interval…"])
        }
        var isTaken = true
        while isTaken {
            try? await Task.sleep(for: pause)
            do throws(MintmarkError) {
                isTaken = show(try await TopCommand.sample(client))
            } catch {
                isTaken = show(Failure(error))
            }
        }
        if case .screen = style { TopScreen.close() }
    }

    /// Shows what happened since the last sample.
    private mutating func show(_ sample: TopSample) -> Bool {
        guard let frame = frame(of: sample) else { return true }
        switch style {
        case .screen(let isColored):
            return TopScreen.draw(frame.lines(isColored: isColored))
        case .text:
            return CommandOutput.write(frame.lines(isColored: false).joined(separator: "\n") + "\n\n")
        case .json:
            return CommandOutput.write(frame.json + "\n")
        }
    }

    private func show(_ failure: Failure) -> Bool {
        switch style {
        case .screen:
            return TopScreen.draw(["The server does not answer: \(failure.text)"])
        case .text:
            return CommandOutput.write("The server does not answer: \(failure.text)\n\n")
        case .json:
            return CommandOutput.write(failure.json + "\n")
        }
    }

    /// The frame of the interval that ends with `sample`; nil where no time has passed.
    mutating func frame(of sample: TopSample) -> TopFrame? {
        defer { last = sample }
        guard let last, let interval = TopInterval(from: last, to: sample) else { return nil }
        curve = Array((curve + [interval.requestRate]).suffix(TopFrame.curveLengthMax))
        return TopFrame(interval: interval, curve: curve)
    }
}
