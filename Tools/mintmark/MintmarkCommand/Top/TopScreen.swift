import Glibc

/// A terminal that frames are drawn on, one over the other, on a screen of its own: what was there comes back at the end.
///
/// The terminal is given back however the process ends by a signal of the keyboard or of kill(1), and lent again when it
/// was suspended.
struct TopScreen {
    /// The other screen, without a cursor.
    private static let enter: StaticString = "\u{1B}[?1049h\u{1B}[?25l"
    /// The cursor, and the screen that was.
    private static let leave: StaticString = "\u{1B}[?25h\u{1B}[?1049l"

    /// Takes the screen.
    static func open() {
        for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] {
            let inherited = signal(number, giveBack)
            if let inherited, unsafeBitCast(inherited, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) {
                signal(number, SIG_IGN)
            }
        }
        signal(SIGTSTP, giveBack)
        signal(SIGCONT) { _ in
            signal(SIGTSTP, TopScreen.giveBack)
            TopScreen.write(TopScreen.enter)
        }
        write(enter)
    }

    /// Ends or suspends the process, when the terminal has its screen again.
    private static let giveBack: @convention(c) (Int32) -> Void = { number in
        TopScreen.write(TopScreen.leave)
        signal(number, SIG_DFL)
        raise(number)
    }

    /// Gives it back.
    static func close() {
        write(leave)
    }

    /// Draws lines over those before; cuts what does not fit. False when nobody takes them any more.
    @discardableResult
    static func draw(_ lines: [String]) -> Bool {
        var size = winsize()
        let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 && size.ws_row > 0
        let (columns, rows) = isKnown ? (Int(size.ws_col), Int(size.ws_row)) : (80, 24)
        let shown = lines.prefix(rows).map { TopText.prefix(of: $0, columns: columns) + "\u{1B}[K" }
        return CommandOutput.write("\u{1B}[H" + shown.joined(separator: "\r\n") + "\u{1B}[J")
    }

    /// Only what a signal handler may do.
    private static func write(_ text: StaticString) {
        _ = Glibc.write(STDOUT_FILENO, text.utf8Start, text.utf8CodeUnitCount)
    }
}

/// Text with the escape sequences of colours in it.
enum TopText {
    /// How many columns a line takes.
    private static func length(of line: String) -> Int {
        var (count, isEscape) = (0, false)
        for character in line {
            if character == "\u{1B}" { isEscape = true }
            if isEscape {
                isEscape = character != "m"
            } else {
                count += 1
            }
        }
        return count
    }

    /// As much of a line as has a place in so many columns, with `…` at the end where that is not all; colours take none, and
    /// end with the line.
    static func prefix(of line: String, columns: Int) -> String {
        var (result, count, isEscape) = ("", 0, false)
        let isCut = length(of: line) > columns
        for character in line {
            if character == "\u{1B}" { isEscape = true }
            if isEscape {
                result.append(character)
                isEscape = character != "m"
            } else if count < columns {
                result.append(isCut && count == columns - 1 ? "…" : character)
                count += 1
            }
        }
        return result
    }
}
