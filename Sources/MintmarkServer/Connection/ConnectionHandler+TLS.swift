import MintmarkEngine
import MintmarkWire
import NIOCore
import NIOSSL
import NIOTLS

/// What TLS tells of a connection.
extension ConnectionHandler {
    func noteTLS(_ event: Any, _ context: ChannelHandlerContext) {
        switch event {
        case TLSGate.Event.plaintext:
            noteFault(WireError(.tlsRequired))
            proceed(context)
        case TLSUserEvent.handshakeCompleted(let negotiatedProtocol):
            handshakeCompleted(negotiatedProtocol, context)
        default:
            break
        }
    }

    private func handshakeCompleted(_ negotiatedProtocol: String?, _ context: ChannelHandlerContext) {
        switch gate?.handshakeCompleted(negotiatedProtocol: negotiatedProtocol) {
        case nil:
            break
        case .applicationProtocol:
            noteFault(WireError(.versionUnsupported))
            proceed(context)
        case .some:
            cut()
        }
    }

    /// Whether an error is one that TLS handles by itself.
    func noteTLS(_ error: any Error) -> Bool {
        guard let gate, let error = error as? NIOSSLError else {
            return false
        }
        switch error {
        case .handshakeFailed(let reason):
            gate.handshakeFailed(reason)
            return true
        case .uncleanShutdown:
            // The stream ended without the farewell of TLS. Frames tell their length, so nothing can be cut off unseen.
            return true
        default:
            return false
        }
    }

    /// Counts a peer that speaks TLS where it is not spoken: its first record is read as a frame of absurd length.
    func noteTLSToPlaintext(_ input: RawSpan, at offset: Int) {
        guard gate == nil, machine.isGreeting, offset == 0, input.byteCount > 0,
            input.unsafeLoad(as: UInt8.self) == TLSGate.handshakeRecordByte
        else {
            return
        }
        worker.callerRefused(.toPlaintext, on: context?.channel)
    }
}
