import MintmarkWire
import Testing

/// Holds the Swift constants against `Protocol/registry.json`. What the fields of each message look like is held by
/// `MessageTests` and `FieldLimitTests`, through the codec's behaviour.
@Suite struct RegistryTests {
    private let registry = Registry.shared

    @Test func kindsAreTheRegistrys() {
        let requests = registry.kinds.filter { $0.request != nil }
        #expect(requests.map(\.name) == Kind.allCases.map(\.name))
        #expect(requests.map { number(fromHex: $0.request ?? "") } == Kind.allCases.map(\.requestByte))
        #expect(requests.map { number(fromHex: $0.response) } == Kind.allCases.map(\.responseByte))
        let answersOnly = registry.kinds.filter { $0.request == nil }
        #expect(answersOnly.map(\.name) == ["ERROR"])
        #expect(answersOnly.map { number(fromHex: $0.response) } == [Kind.errorByte])
    }

    @Test func tagsAreTheRegistrys() {
        #expect(registry.fields.map(\.name) == Tag.allCases.map(\.name))
        #expect(registry.fields.map { number(fromHex: $0.tag) } == Tag.allCases.map(\.rawValue))
        #expect(Tag.allCases.allSatisfy { $0.rawValue < Tag.firstSkippable })
    }

    @Test func statusesAreTheRegistrys() {
        #expect(registry.statuses.map(\.number) == Status.allCases.map(\.rawValue))
        for (row, status) in zip(registry.statuses, Status.allCases) {
            #expect(row.name == status.name)
            #expect((row.kind == "retryable") == status.isRetryable, "\(row.name)")
            #expect(row.closes == status.closesConnection, "\(row.name)")
            #expect((row.requestId == "echoed") == status.echoesRequestID, "\(row.name)")
        }
    }

    @Test func limitsAreTheRegistrys() {
        #expect(Set(registry.limits.map(\.name)) == Set(RegistryTests.limits.keys))
        for limit in registry.limits {
            let row = RegistryTests.limits[limit.name]
            #expect(row?.usual == limit.default, "\(limit.name)")
            #expect(row?.ceiling == limit.ceiling, "\(limit.name)")
        }
    }

    @Test func identityIsTheRegistrys() throws {
        #expect(registry.version == ProtocolIdentity.version)
        #expect(registry.alpn == ProtocolIdentity.alpn)
        var writer = FrameWriter()
        let hello = HelloRequest(lowestVersion: 1, highestVersion: 1, clientName: "x", clientNonce: [])
        try hello.encode(requestID: 1, into: &writer)
        #expect(Array(writer.bytes[12..<20]) == Array(registry.magic.utf8))
    }

    private struct Setting {
        let usual: Int
        let ceiling: Int

        init(_ usual: Int, upTo ceiling: Int? = nil) {
            self.usual = usual
            self.ceiling = ceiling ?? usual
        }
    }

    private static let limits: [String: Setting] = [
        "frame_length_max": Setting(Limits.frameLengthMax, upTo: Limits.frameLengthMaxCeiling),
        "frame_length_min": Setting(Limits.frameLengthMin),
        "hello_length_max": Setting(Limits.helloLengthMax),
        "hello_pipeline_requests_max": Setting(Limits.helloPipelineRequestsMax),
        "hello_pipeline_length_max": Setting(Limits.helloPipelineLengthMax),
        "in_flight_max": Setting(Limits.inFlightMax, upTo: Limits.inFlightMaxCeiling),
        "connections_max": Setting(Limits.connectionsMax, upTo: Limits.connectionsMaxCeiling),
        "access_token_length_max": Setting(Limits.accessTokenLengthMax),
        "header_length_max": Setting(Limits.headerLengthMax),
        "key_id_length_max": Setting(Limits.keyIDLengthMax),
        "claims_length_max": Setting(Limits.claimsLengthMax),
        "claims_depth_max": Setting(Limits.claimsDepthMax),
        "header_depth_max": Setting(Limits.headerDepthMax),
        "subject_length_max": Setting(Limits.subjectLengthMax),
        "audience_count_max": Setting(Limits.audienceCountMax),
        "audience_length_max": Setting(Limits.audienceLengthMax),
        "scope_length_max": Setting(Limits.scopeLengthMax),
        "client_id_length_max": Setting(Limits.clientIDLengthMax),
        "client_name_length_max": Setting(Limits.clientNameLengthMax),
        "context_length_max": Setting(Limits.contextLengthMax),
        "message_length_max": Setting(Limits.messageLengthMax),
        "leeway_seconds_max": Setting(Limits.leewaySecondsMax),
        "handshake_timeout_seconds": Setting(
            Limits.handshakeTimeoutSeconds,
            upTo: Limits.handshakeTimeoutSecondsCeiling
        ),
        "frame_timeout_seconds": Setting(Limits.frameTimeoutSeconds, upTo: Limits.frameTimeoutSecondsCeiling),
        "close_linger_seconds": Setting(Limits.closeLingerSeconds),
        "attempt_memory_seconds": Setting(Limits.attemptMemorySeconds),
    ]
}
