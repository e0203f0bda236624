import MintmarkWire
import NIOCore
import NIOSSL

/// The beginning of a connection: TLS, HELLO, and AUTH where the server wants to know who calls.
extension ConnectionHandler {
    /// Succeeds when TLS is established with a server that has proved who it is; fails when the connection ends before.
    func awaitHandshake(on eventLoop: any EventLoop) -> EventLoopFuture<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        handshake = promise
        return promise.futureResult
    }

    func handshakeCompleted(_ negotiatedProtocol: String?, _ context: ChannelHandlerContext) {
        guard negotiatedProtocol == TLSSettings.applicationProtocol else {
            end(.otherApplicationProtocol)
            return driver.settle()
        }
        let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate()
        guard endpoint.isMeant(by: certificate) else {
            end(.otherServerName)
            return driver.settle()
        }
        handshake.take()?.succeed()
    }

    func readHello(_ header: FrameHeader, _ body: ByteBuffer, frame: [UInt8]) {
        do throws(WireError) {
            let hello = try HelloResponse(decoding: body.readableBytesSpan)
            switch machine.helloAnswered(hello, hasIdentity: driver.settings.identity != nil) {
            case .open(let limits):
                open(limits)
            case .authenticate(let requestID):
                try authenticate(requestID, helloAnswer: frame)
            case .refuseAuthentication:
                end(MintmarkError(.authenticationRequired, "the server wants to know who calls"))
            case .close(let violation):
                end(MintmarkError(violation))
            }
        } catch {
            end(MintmarkError(.body(error, kindByte: header.kindByte)))
        }
    }

    func readAuth(_ header: FrameHeader, _ body: ByteBuffer) {
        do throws(WireError) {
            _ = try AuthResponse(decoding: body.readableBytesSpan)
            open(machine.authAnswered())
        } catch {
            end(MintmarkError(.body(error, kindByte: header.kindByte)))
        }
    }

    private func open(_ limits: ConnectionLimits) {
        helloFrame = []
        scanner = FrameScanner(lengthMax: limits.frameLengthMax)
        driver.opened(self, limits)
    }

    /// Says who calls, and proves it.
    private func authenticate(_ requestID: UInt32, helloAnswer: [UInt8]) throws(WireError) {
        guard let identity = driver.settings.identity, let binding = context?.channel.authBinding else {
            return end(
                MintmarkError(
                    .authenticationRequired,
                    "the server wants to know who calls, where that cannot be proved"
                )
            )
        }
        let transcript = AuthTranscript.bytes(
            binding: binding,
            hello: helloFrame,
            helloAnswer: helloAnswer,
            clientID: identity.clientID.utf8
        )
        var writer = FrameWriter(lengthMax: Limits.helloPipelineLengthMax)
        try identity.request(signing: transcript).encode(requestID: requestID, into: &writer)
        outbound.writeBytes(writer.bytes)
        flush()
    }
}
