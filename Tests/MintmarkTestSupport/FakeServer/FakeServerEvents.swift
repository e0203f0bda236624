package import MintmarkWire

extension AsyncStream<FakeServer.Event>.AsyncIterator {
    /// The next request of this kind.
    package mutating func request(_ kind: Kind) async -> FakeServer.Request? {
        while let event = await next(isolation: #isolation) {
            if case .request(let request) = event, request.kind == kind { return request }
        }
        return nil
    }

    /// Waits for this event.
    package mutating func wait(for expected: FakeServer.Event) async {
        while let event = await next(isolation: #isolation), event != expected {}
    }
}
