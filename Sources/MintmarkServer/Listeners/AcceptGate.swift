import NIOCore

#if canImport(Glibc)
import Glibc
#endif

/// Sits in a listening channel and accepts a connection only when there is a place for it.
///
/// Descriptor exhaustion leaves the listening socket readable, so that an accept loop without a pause spins at full
/// speed; here it pauses for `exhaustionPause`. Confined to the listener's event loop.
final class AcceptGate: ChannelDuplexHandler {
    typealias InboundIn = Channel
    typealias InboundOut = Channel
    typealias OutboundIn = Never

    static let exhaustionPause = TimeAmount.milliseconds(200)

    private let budget: ConnectionBudget
    private var isPaused = false
    private var isReadWithheld = false

    init(budget: ConnectionBudget) {
        self.budget = budget
    }

    func read(context: ChannelHandlerContext) {
        guard !isPaused, hasPlace(context) else {
            isReadWithheld = true
            return
        }
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let child = unwrapInboundIn(data)
        // A read accepts one connection at most (`maxMessagesPerRead`).
        budget.take()
        child.closeFuture.whenComplete { [budget] _ in budget.giveBack() }
        context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? IOError, [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(error.errnoCode) {
            pause(context)
        } else {
            context.fireErrorCaught(error)
        }
    }

    private func hasPlace(_ context: ChannelHandlerContext) -> Bool {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let eventLoop = context.eventLoop
        return budget.hasPlace {
            eventLoop.execute {
                let (gate, context) = bound.value
                gate.resume(context)
            }
        }
    }

    private func pause(_ context: ChannelHandlerContext) {
        guard !isPaused else {
            return
        }
        isPaused = true
        // Withholding `read()` is not enough: the pending read keeps the readable socket registered.
        setAutoRead(false, context)
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.exhaustionPause) {
            self.isPaused = false
            self.setAutoRead(true, context)
            self.resume(context)
        }
    }

    private func setAutoRead(_ isOn: Bool, _ context: ChannelHandlerContext) {
        guard context.channel.isActive else {
            return
        }
        context.channel.setOption(.autoRead, value: isOn).assumeIsolated().whenFailure { context.fireErrorCaught($0) }
    }

    private func resume(_ context: ChannelHandlerContext) {
        guard isReadWithheld, context.channel.isActive else {
            return
        }
        isReadWithheld = false
        read(context: context)
    }
}
