import MintmarkWire
import NIOCore

/// A request and who waits for its answer.
struct Call: Sendable {
    let kind: Kind
    /// The whole frame, with request id 0: the id is written when it is sent.
    let frame: [UInt8]
    let repetition: Repetition
    let timeoutNanoseconds: UInt64
    let completion: Completion
    /// Gets an answer that comes when nobody waits any more, on the client's event loop. At most once.
    let lateAnswer: (@Sendable (Answer) -> Void)?

    /// Who is told. Exactly once.
    enum Completion: Sendable {
        case task(CheckedContinuation<CallOutcome, Never>)
        /// Called on the client's event loop.
        case handler(@Sendable (CallOutcome) -> Void)

        func callAsFunction(_ outcome: CallOutcome) {
            switch self {
            case .task(let continuation): continuation.resume(returning: outcome)
            case .handler(let handler): handler(outcome)
            }
        }
    }
}

/// How a call ended.
typealias CallOutcome = Result<Answer, MintmarkError>

/// The body of an answer, still encoded.
struct Answer: Sendable {
    /// A slice of what was read from the socket.
    let body: ByteBuffer
    /// The connection it came by.
    let connection: ConnectionID
}
