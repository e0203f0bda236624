import MintmarkWire

extension HelloRequest: MadeOfFields {
    init(fields: FieldMap) throws {
        self.init(
            lowestVersion: try fields.required("lowest_version"),
            highestVersion: try fields.required("highest_version"),
            clientName: try fields.required("client_name"),
            clientNonce: try fields.required("client_nonce")
        )
    }
}

extension AuthRequest: MadeOfFields {
    init(fields: FieldMap) throws {
        self.init(signature: try fields.required("signature"), clientID: try fields.required("client_id"))
    }
}

extension PingRequest: MadeOfFields {
    init(fields: FieldMap) throws { self.init() }
}

extension SignRequest: MadeOfFields {
    init(fields: FieldMap) throws {
        self.init(
            claims: fields.optional("claims"),
            subject: try fields.required("subject"),
            audience: try fields.required("audience"),
            scope: fields.optional("scope"),
            accessTokenTTLSeconds: fields.optional("access_token_ttl")
        )
    }
}

extension VerifyRequest: MadeOfFields {
    init(fields: FieldMap) throws {
        self.init(
            accessToken: try fields.required("access_token"),
            expectedAudience: fields.optional("expected_audience").map { .named($0) } ?? .any,
            omitsClaims: fields.optional("omit_claims") ?? false,
            requiresLiveSession: fields.optional("require_live_session") ?? false,
            leewaySeconds: fields.optional("leeway")
        )
    }
}

extension OpenRequest: MadeOfFields {
    init(fields: FieldMap) throws {
        self.init(
            claims: fields.optional("claims"),
            subject: try fields.required("subject"),
            audience: try fields.required("audience"),
            scope: fields.optional("scope"),
            accessTokenTTLSeconds: fields.optional("access_token_ttl"),
            context: fields.optional("context"),
            attemptID: fields.optional("attempt_id")
        )
    }
}

extension RefreshRequest: MadeOfFields {
    init(fields: FieldMap) throws {
        self.init(
            refreshToken: try fields.required("refresh_token"),
            audience: fields.optional("audience"),
            scope: fields.optional("scope"),
            accessTokenTTLSeconds: fields.optional("access_token_ttl"),
            context: fields.optional("context")
        )
    }
}

extension RevokeRequest: MadeOfFields {
    init(fields: FieldMap) throws {
        let targets: [Target?] = [
            fields.optional("refresh_token").map { .refreshToken($0) },
            fields.optional("subject").map { .subject($0) },
            fields.optional("session_id").map { .sessionID($0) },
            fields.optional("client_id").map { .clientID($0) },
        ]
        self.init(targets.compactMap(\.self).first ?? .all)
    }
}

extension IntrospectRequest: MadeOfFields {
    init(fields: FieldMap) throws { self.init(refreshToken: try fields.required("refresh_token")) }
}

extension KeysRequest: MadeOfFields {
    init(fields: FieldMap) throws { self.init() }
}

extension StatsRequest: MadeOfFields {
    init(fields: FieldMap) throws { self.init() }
}

extension SnapshotRequest: MadeOfFields {
    init(fields: FieldMap) throws { self.init() }
}

extension KeyListRequest: MadeOfFields {
    init(fields: FieldMap) throws { self.init() }
}

extension KeyPrepareRequest: MadeOfFields {
    init(fields: FieldMap) throws { self.init() }
}

extension KeyActivateRequest: MadeOfFields {
    init(fields: FieldMap) throws {
        self.init(
            keyID: try fields.required("key_id"),
            immediately: fields.optional("immediately") ?? false
        )
    }
}

extension KeyRevokeRequest: MadeOfFields {
    init(fields: FieldMap) throws { self.init(keyID: try fields.required("key_id")) }
}

extension KeyImportRequest: MadeOfFields {
    init(fields: FieldMap) throws { self.init(keyFile: try fields.required("key_file")) }
}

extension ForceRotationRequest: MadeOfFields {
    init(fields: FieldMap) throws {
        let targets: [Target?] = [
            fields.optional("subject").map { .subject($0) },
            fields.optional("session_id").map { .sessionID($0) },
            fields.optional("client_id").map { .clientID($0) },
        ]
        self.init(targets.compactMap(\.self).first ?? .all)
    }
}
