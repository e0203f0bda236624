import Foundation

/// The programs of this build, or of the folder that `TESTS_PROGRAMS` names: optimised ones, for tests that take time.
enum BuiltProducts {
    /// Where the test bundle lies, and the programs beside it.
    static let directory =
        ProcessInfo.processInfo.environment["TESTS_PROGRAMS"].map { URL(fileURLWithPath: $0) }
        ?? URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()

    static func program(_ name: String) -> URL {
        directory.appendingPathComponent(name)
    }

    static let mintmarkd = program("mintmarkd")
    static let mintmark = program("mintmark")
    static let mintmarkBench = program("mintmark-bench")

    static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
}
