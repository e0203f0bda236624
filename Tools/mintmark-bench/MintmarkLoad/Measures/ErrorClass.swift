import Glibc
import MintmarkWire

/// What can go wrong with a request or a connection.
enum ErrorClass: Hashable, Sendable {
    /// Nobody listens there.
    case connectRefused
    /// Nobody answers there.
    case connectTimeout
    /// No connection for another reason: no such host, no such socket.
    case connectFailed
    /// TLS was not agreed on.
    case tlsHandshake
    /// The server's certificate, or the tool's, was not believed.
    case tlsVerify
    /// The connection broke.
    case reset
    /// The server ended the stream between two frames, with requests unanswered.
    case endOfStream
    /// The server ended the stream inside a frame.
    case endOfStreamInFrame
    /// There was no answer when the time for it was over.
    case requestTimeout
    /// An answer that breaks the protocol.
    case protocolDecode
    /// An answer to a request that nobody made, or that was answered already.
    case idMismatch
    /// An error that the server answered.
    case status(StatusCode)
    /// A good token that the server calls inactive.
    case inactive(StatusCode)
    /// A request that must be refused, and was not.
    case unexpectedAccept
    /// An answer whose content is wrong: a signature, a claim, a generation.
    case validation
    /// It was due, and all connections had as many requests underway as they may.
    case notSentInFlightCap
    /// A refresh was due, and every session had one underway.
    case sessionStarved
    /// An answer that came when nobody waited for it any longer: its request was counted as timed out.
    case lateAfterDrain

    var name: String {
        switch self {
        case .connectRefused: "connect_refused"
        case .connectTimeout: "connect_timeout"
        case .connectFailed: "connect_failed"
        case .tlsHandshake: "tls_handshake"
        case .tlsVerify: "tls_verify"
        case .reset: "reset"
        case .endOfStream: "eof"
        case .endOfStreamInFrame: "eof_mid_frame"
        case .requestTimeout: "request_timeout"
        case .protocolDecode: "protocol_decode"
        case .idMismatch: "id_mismatch"
        case .status(StatusCode(.busy)): "shed_busy"
        case .status(let status): "status_\(status.description.lowercased())"
        case .inactive(let status): "inactive_\(status.description.lowercased())"
        case .unexpectedAccept: "unexpected_accept"
        case .validation: "validation"
        case .notSentInFlightCap: "not_sent_inflight_cap"
        case .sessionStarved: "session_starved"
        case .lateAfterDrain: "late_after_drain"
        }
    }

    /// Why there is no connection.
    init(connecting fault: SystemFault) {
        switch (fault.call, fault.code) {
        case (TLSClient.verificationName, _): self = .tlsVerify
        case (TLSClient.handshakeName, _): self = .tlsHandshake
        case (_, ECONNREFUSED): self = .connectRefused
        // A connect that was waited for long enough ends with EINPROGRESS.
        case (_, ETIMEDOUT), ("connect", EINPROGRESS): self = .connectTimeout
        default: self = .connectFailed
        }
    }

    /// Whether a server that keeps the protocol never does this: every request was a good one.
    var isWrongAnswer: Bool {
        switch self {
        case .protocolDecode, .idMismatch, .inactive, .validation, .unexpectedAccept: true
        case .status(let status): !status.isRetryable && !status.closesConnection
        case .connectRefused, .connectTimeout, .connectFailed, .tlsHandshake, .tlsVerify: false
        case .reset, .endOfStream, .endOfStreamInFrame, .requestTimeout, .lateAfterDrain: false
        case .notSentInFlightCap, .sessionStarved: false
        }
    }

    /// Whether an answer is lost: with its connection, or because nobody waited for it any longer.
    var isLoss: Bool {
        switch self {
        case .connectRefused, .connectTimeout, .connectFailed, .tlsHandshake, .tlsVerify: true
        case .reset, .endOfStream, .endOfStreamInFrame, .requestTimeout: true
        case .status(let status): status.closesConnection
        case .protocolDecode, .idMismatch, .inactive, .validation, .unexpectedAccept: false
        case .notSentInFlightCap, .sessionStarved, .lateAfterDrain: false
        }
    }
}
