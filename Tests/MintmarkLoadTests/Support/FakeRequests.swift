import MintmarkTestSupport
import MintmarkWire

/// Requests as a fake server gets them.
enum FakeRequests {
    static let sign = request(SignRequest(subject: "alice", audience: ["orders"]))
    static let keys = request(KeysRequest())

    static func request(_ request: some WireRequest) -> FakeServer.Request {
        var writer = FrameWriter()
        do {
            try request.encode(requestID: 1, into: &writer)
        } catch {
            preconditionFailure("a sample request cannot be encoded: \(error)")
        }
        let body = Array(writer.bytes.dropFirst(FrameHeader.Layout.body))
        return FakeServer.Request(connection: 0, kind: type(of: request).kind, id: 1, body: body)
    }
}
