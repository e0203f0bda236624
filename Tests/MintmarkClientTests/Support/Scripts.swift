import MintmarkTestSupport
import MintmarkWire
import NIOConcurrencyHelpers

/// Scripts for fake servers.
enum Scripts {
    /// Answers everything well.
    static let answering: FakeServer.Script = { [.write($0.answer)] }

    /// Answers nothing.
    static let mute: FakeServer.Script = { _ in [] }

    /// Answers HELLO and nothing else.
    static let silent: FakeServer.Script = { $0.kind == .hello ? [.write($0.answer)] : [] }

    /// Answers HELLO; then does `reactions` for the first so many requests, and answers the others well.
    static func first(
        _ count: Int = 1,
        _ reactions: @escaping @Sendable (FakeServer.Request) -> [FakeServer.Reaction]
    ) -> FakeServer.Script {
        let left = NIOLockedValueBox(count)
        return { request in
            if request.kind == .hello { return [.write(request.answer)] }
            let isAmongFirst = left.withLockedValue { left in
                left -= 1
                return left >= 0
            }
            return isAmongFirst ? reactions(request) : [.write(request.answer)]
        }
    }

    /// Answers HELLO; then does `reactions` for every request.
    static func always(
        _ reactions: @escaping @Sendable (FakeServer.Request) -> [FakeServer.Reaction]
    ) -> FakeServer.Script {
        { $0.kind == .hello ? [.write($0.answer)] : reactions($0) }
    }

    /// Does `reactions` for every HELLO, and answers the requests well.
    static func greeting(
        _ reactions: @escaping @Sendable (FakeServer.Request) -> [FakeServer.Reaction]
    ) -> FakeServer.Script {
        { $0.kind == .hello ? reactions($0) : [.write($0.answer)] }
    }
}
