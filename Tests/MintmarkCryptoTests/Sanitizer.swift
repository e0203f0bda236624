import Glibc

/// What is different when the tests are built with a sanitizer, as `Tools/test --sanitize` says: it keeps a shadow of all
/// memory, which takes hours to look through, it lets mlock do nothing, and it reports faults that are meant.
enum Sanitizer {
    static let isThere = getenv("TESTS_SANITIZER") != nil

    /// Has the process end by a fault's own signal, and without a report.
    static func leaveFaultsAlone() {
        signal(SIGSEGV, SIG_DFL)
    }
}
