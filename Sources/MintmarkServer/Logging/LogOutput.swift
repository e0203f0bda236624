import Glibc

/// Writes lines to a descriptor, and never waits long for whoever reads them. For one thread at a time.
///
/// A pipe whose reader stands still takes nothing more, and neither does a terminal that was stopped. A line that waited
/// for it would keep its thread from serving, and a stop from ending. So one line waits for `patience`, and while nothing is
/// taken none of the others does: they are counted, and once something is taken again a line tells how many were lost.
struct LogOutput {
    /// How long one line waits for each part of `chunkBytes`.
    static let patienceMilliseconds: Int32 = 100
    /// As many bytes as a pipe takes as a whole when it says that it takes some (PIPE_BUF of Linux).
    private static let chunkBytes = 4_096

    private let descriptor: Int32
    private var isStuck = false
    /// Whether the last line was cut.
    private var isTorn = false
    private(set) var lostCount = 0

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// - Parameters:
    ///   - line: with its newline.
    ///   - notice: what tells that so many lines were lost, with its newline.
    mutating func write(_ line: String, lost notice: (Int) -> String) {
        if lostCount > 0 {
            guard write(notice(lostCount)) else {
                lostCount += 1
                return
            }
            lostCount = 0
        }
        if !write(line) { lostCount += 1 }
    }

    /// False: not all of it was taken.
    private mutating func write(_ text: String) -> Bool {
        var rest = Array((isTorn ? "\n" + text : text).utf8)[...]
        let count = rest.count
        while !rest.isEmpty {
            guard isTaking() else {
                isTorn = isTorn || rest.count < count
                return false
            }
            let written = rest.prefix(Self.chunkBytes).withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            // What cannot be written cannot be told either.
            guard written > 0 || errno == EINTR || errno == EAGAIN else { return true }
            rest = rest.dropFirst(max(0, written))
        }
        isTorn = false
        return true
    }

    /// Whether the descriptor takes something: within the patience, or now where it took nothing the last time.
    private mutating func isTaking() -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        var count: Int32
        repeat {
            count = poll(&request, 1, isStuck ? 0 : Self.patienceMilliseconds)
        } while count < 0 && errno == EINTR
        // Where it cannot be asked, writing tells what is wrong.
        isStuck = count == 0
        return !isStuck
    }
}
