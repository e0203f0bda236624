package import MintmarkWire

/// Answers everything well.
package let answering: FakeServer.Script = { [.write($0.answer)] }

/// Answers as bytes, for the scripts of fake servers.
extension FakeServer.Request {
    /// The answer to HELLO.
    package func hello(
        inFlightLimit: UInt32 = 1_024,
        frameLengthLimit: UInt32 = 65_536,
        version: UInt16 = 1,
        authenticationRequired: Bool = false
    ) -> [UInt8] {
        bytes(
            of: HelloResponse(
                version: version,
                serverBuild: "fake/1",
                serverTime: 1_000,
                frameLengthLimit: frameLengthLimit,
                inFlightLimit: inFlightLimit,
                serverNonce: [UInt8](repeating: 7, count: 32),
                authenticationRequired: authenticationRequired
            )
        )
    }

    /// A good answer to whatever was asked. PING's time is its request id.
    package var answer: [UInt8] {
        switch kind {
        case .hello: hello()
        case .auth: bytes(of: AuthResponse(serverTime: 1_000))
        case .ping: bytes(of: PingResponse(serverTime: UInt64(id)))
        case .sign:
            bytes(of: SignResponse(serverTime: 1_000, accessToken: Sample.jwt, expiresAt: 1_300, expiresInSeconds: 300))
        case .verify: bytes(of: VerifyResponse(claims: Array(#"{"sub":"alice"}"#.utf8), isActive: true))
        case .open: bytes(of: OpenResponse(grant: Sample.grant))
        case .refresh: bytes(of: RefreshResponse(grant: Sample.grant, refreshOutcome: .rotated, generation: 1))
        case .revoke: bytes(of: RevokeResponse(serverTime: 1_000))
        case .introspect: bytes(of: Sample.introspection)
        case .keys: bytes(of: KeysResponse(jwks: Array(#"{"keys":[]}"#.utf8)))
        case .stats: bytes(of: Sample.statistics)
        case .forceRotation: bytes(of: ForceRotationResponse(serverTime: 1_000))
        case .snapshot: bytes(of: SnapshotResponse(serverTime: 1_000))
        case .keyList: bytes(of: KeyListResponse(serverTime: 1_000, signingKeys: Sample.signingKeys))
        case .keyPrepare: bytes(of: KeyPrepareResponse(serverTime: 1_000, keyID: "next", usableAt: 4_600))
        case .keyActivate: bytes(of: KeyActivateResponse(serverTime: 1_000))
        case .keyRevoke: bytes(of: KeyRevokeResponse(serverTime: 1_000, keyID: "next"))
        case .keyImport: bytes(of: KeyImportResponse(serverTime: 1_000, keyID: "next", usableAt: 4_600))
        }
    }

    /// An error for this request, or with `requestID: 0` for none.
    package func error(_ status: Status, requestID: UInt32? = nil) -> [UInt8] {
        error(code: StatusCode(status), requestID: requestID)
    }

    /// The same with a number that may be unknown.
    package func error(code: StatusCode, requestID: UInt32? = nil) -> [UInt8] {
        bytes(of: ErrorResponse(serverTime: 1_000, status: code, message: "so the script says"), requestID: requestID)
    }

    package func bytes(of response: some WireResponse, requestID: UInt32? = nil) -> [UInt8] {
        var writer = FrameWriter()
        do {
            try response.encode(requestID: requestID ?? id, into: &writer)
        } catch {
            preconditionFailure("a sample answer cannot be encoded: \(error)")
        }
        return writer.bytes
    }
}

/// Values for answers.
package enum Sample {
    package static let jwt = Array("eyJhbGciOiJFZERTQSJ9.e30.c2ln".utf8)
    package static let refreshToken = Array("mmrt_sample".utf8)
    package static let sessionID = [UInt8](0..<16)

    package static let grant = SessionGrant(
        accessToken: jwt,
        refreshToken: refreshToken,
        sessionID: sessionID,
        times: GrantTimes(serverTime: 1_000, expiresAt: 1_300, refreshExpiresAt: 2_000, sessionExpiresAt: 3_000)
    )

    package static let introspection = IntrospectResponse(
        serverTime: 1_000,
        subject: "alice",
        audience: ["orders"],
        isActive: true,
        sessionID: sessionID,
        clientID: "local",
        generation: 3
    )

    package static let signingKeys = [
        SigningKey(
            keyID: "first",
            state: .active,
            publicKey: [UInt8](0..<32),
            preparedAt: 500,
            usableAt: 550,
            activatedAt: 600
        ),
        SigningKey(keyID: "next", state: .prepared, publicKey: [UInt8](32..<64), preparedAt: 1_000, usableAt: 4_600),
    ]

    package static let statistics = StatsResponse(
        serverBuild: "fake/1",
        serverTime: 1_000,
        counters: [Counter(name: "requests", value: 12)],
        isReady: false,
        readinessReasons: ["starting"],
        buildID: [1, 2, 3],
        settings: ["threads=2"],
        settingsDigest: [UInt8](repeating: 7, count: 32)
    )
}
