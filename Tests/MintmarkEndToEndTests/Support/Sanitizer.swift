import Foundation

/// Whether tests and programs are built with a sanitizer, as `Tools/test --sanitize` says: memory is not then what it is
/// otherwise, neither locked nor as small.
enum Sanitizer {
    static let isThere = ProcessInfo.processInfo.environment["TESTS_SANITIZER"] != nil
}
