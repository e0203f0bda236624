package import MintmarkSessions
import MintmarkTokens
package import MintmarkWire

/// Operations that touch neither tokens nor sessions.
extension RequestExecutor {
    private static let nonceByteCount = 32

    /// Appends the answer to HELLO.
    package mutating func appendHello(
        version: UInt16,
        requestID: UInt32,
        owesAuthentication: Bool,
        instant: SessionInstant,
        to writer: inout FrameWriter
    ) {
        counters.add(.requests(.hello))
        var nonce = [UInt8](repeating: 0, count: Self.nonceByteCount)
        nonce.withUnsafeMutableBytes(engine.settings.fillNonce)
        let response = HelloResponse(
            version: version,
            serverBuild: engine.settings.serverBuild,
            serverTime: instant.wallSeconds,
            frameLengthLimit: UInt32(engine.settings.frameLengthMax),
            inFlightLimit: UInt32(engine.settings.inFlightMax),
            serverNonce: nonce,
            authenticationRequired: owesAuthentication
        )
        do throws(WireError) {
            try response.encode(requestID: requestID, into: &writer)
        } catch {
            preconditionFailure("the answer to HELLO is above the least frame limit: \(error)")
        }
    }

    /// Appends the answer to a good AUTH.
    package mutating func appendAuth(requestID: UInt32, instant: SessionInstant, to writer: inout FrameWriter) {
        counters.add(.requests(.auth))
        do throws(WireError) {
            try AuthResponse(serverTime: instant.wallSeconds).encode(requestID: requestID, into: &writer)
        } catch {
            preconditionFailure("the answer to AUTH is above the least frame limit: \(error)")
        }
    }

    mutating func ping(_ request: Request, _ body: RawSpan, into writer: inout FrameWriter) throws(Refusal)
        -> Disposition
    {
        try asRefusal { () throws(WireError) in
            _ = try PingRequest(decoding: body)
            try PingResponse(serverTime: request.instant.wallSeconds).encode(requestID: request.id, into: &writer)
        }
        return .ready
    }

    mutating func keys(_ request: Request, _ body: RawSpan, into writer: inout FrameWriter) throws(Refusal)
        -> Disposition
    {
        try asRefusal { () throws(WireError) in
            _ = try KeysRequest(decoding: body)
        }
        try takeRate(.keys, request)
        try asRefusal { () throws(WireError) in
            try KeysResponse(jwks: tokens.signer.keys.jwks).encode(requestID: request.id, into: &writer)
        }
        return .ready
    }

    mutating func statistics(_ request: Request, _ body: RawSpan, into writer: inout FrameWriter) throws(Refusal)
        -> Disposition
    {
        try asRefusal { () throws(WireError) in
            _ = try StatsRequest(decoding: body)
        }
        try takeRate(.stats, request)
        try asRefusal { () throws(WireError) in
            let reasons = engine.readiness.current
            let profile = engine.settings.profile()
            let response = StatsResponse(
                serverBuild: engine.settings.serverBuild,
                serverTime: request.instant.wallSeconds,
                counters: engine.statistics.read().map { Counter(name: $0.name, value: $0.value) },
                isReady: reasons.isEmpty,
                readinessReasons: reasons.map(\.rawValue),
                buildID: profile.buildID,
                settings: profile.settings,
                settingsDigest: profile.settingsDigest
            )
            try response.encode(requestID: request.id, into: &writer)
        }
        return .ready
    }
}
