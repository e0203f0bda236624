import Foundation

/// Collects what a process writes, line by line. Safe to use from any thread.
final class LogReader: Sendable {
    private let lines = NSCondition()
    private nonisolated(unsafe) var collected = ""
    private nonisolated(unsafe) var isAtEnd = false

    init(_ handle: FileHandle) {
        // A thread of its own: it blocks until the process closes its end.
        Thread.detachNewThread { [self] in
            while case let data = handle.availableData, !data.isEmpty {
                append(String(decoding: data, as: UTF8.self))
            }
            finish()
        }
    }

    var text: String {
        lines.withLock { collected }
    }

    /// Blocks until a line holds `part`, or `other`; false when the process ended without one, or wrote none for half a minute.
    func waitForLine(containing part: String, or other: String? = nil) -> Bool {
        let deadline = Date(timeIntervalSinceNow: 120)
        return lines.withLock {
            while !collected.split(separator: "\n").contains(where: { $0.contains(part) || $0.contains(other ?? part) })
            {
                if isAtEnd || !lines.wait(until: deadline) {
                    return false
                }
            }
            return true
        }
    }

    private func append(_ text: String) {
        lines.withLock {
            collected += text
            lines.broadcast()
        }
    }

    private func finish() {
        lines.withLock {
            isAtEnd = true
            lines.broadcast()
        }
    }
}
