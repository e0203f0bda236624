import Foundation
import NIOConcurrencyHelpers

/// A wall clock that runs ahead of, or behind, this machine's by so much as a test says. Thread-safe.
final class TestClock: Sendable {
    private let offset = NIOLockedValueBox<Int64>(0)

    static var systemSeconds: Int64 { Int64(Date().timeIntervalSince1970) }

    func move(days: Int64) {
        offset.withLockedValue { $0 += days * 86_400 }
    }

    var seconds: @Sendable () -> UInt64 {
        { [offset] in UInt64(Self.systemSeconds + offset.withLockedValue { $0 }) }
    }
}
