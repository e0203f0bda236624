import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// Sets up the connections of one listener: the parser with its limits, then ``AdminRequestHandler``, then Hummingbird's
/// loop of requests and answers.
struct AdminChannel: HTTPChannelHandler {
    typealias Value = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

    let responder: Responder
    let limits: AdminLimits
    let statistics: AdminStatistics
    let connections: NIOLoopBound<AdminConnectionSet>

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let connection = AdminConnection(channel: channel, limits: limits)
            // What one read brings waits behind a request.
            let allocator = FixedSizeRecvByteBufferAllocator(capacity: limits.readLengthMax)
            try channel.syncOptions?.setOption(.recvAllocator, value: allocator)
            try channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
            let pipeline = channel.pipeline.syncOperations
            var decoder = NIOHTTPDecoderLimitConfiguration()
            decoder.maxHeaderFieldSize = limits.headerFieldLengthMax
            decoder.maxHeaderListSize = limits.headerLengthMax
            decoder.maxHeaderFieldCount = limits.headerFieldsMax
            try pipeline.addHandler(AdminByteHandler(connection))
            try pipeline.configureHTTPServerPipeline(
                // The loop of requests and answers takes one at a time.
                withPipeliningAssistance: false,
                withErrorHandling: false,
                // What is written comes from HTTPTypes, which allows nothing else.
                withOutboundHeaderValidation: false,
                withEncoderConfiguration: .init(),
                withDecoderLimitConfiguration: decoder
            )
            try pipeline.addHandler(
                AdminRequestHandler(connection) { [statistics] in statistics.answered(.other, status: Int($0.code)) }
            )
            try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
            let wrapped = try Value(
                wrappingChannelSynchronously: channel,
                configuration: .init(isOutboundHalfClosureEnabled: true)
            )
            open(connection, channel)
            return wrapped
        }
    }

    private func open(_ connection: AdminConnection, _ channel: any Channel) {
        let isTaken = connections.value.add(connection)
        let bound = NIOLoopBound(connection, eventLoop: channel.eventLoop)
        channel.closeFuture.whenComplete { [connections] _ in
            connections.value.remove(bound.value)
            bound.value.closed()
        }
        guard isTaken else {
            return channel.close(promise: nil)
        }
        connection.opened()
    }

    func handle(value: Value, logger: Logger) async {
        await handleHTTP(asyncChannel: value, logger: logger)
    }
}
