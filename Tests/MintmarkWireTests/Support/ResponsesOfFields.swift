import MintmarkWire

extension HelloResponse: MadeOfFields {
    init(fields: FieldMap) throws {
        self.init(
            version: try fields.required("version"),
            serverBuild: try fields.required("server_build"),
            serverTime: try fields.required("server_time"),
            frameLengthLimit: try fields.required("frame_length_limit"),
            inFlightLimit: try fields.required("in_flight_limit"),
            serverNonce: try fields.required("server_nonce"),
            authenticationRequired: try fields.required("authentication_required")
        )
    }
}

extension AuthResponse: MadeOfFields {
    init(fields: FieldMap) throws { self.init(serverTime: try fields.required("server_time")) }
}

extension PingResponse: MadeOfFields {
    init(fields: FieldMap) throws { self.init(serverTime: try fields.required("server_time")) }
}

extension RevokeResponse: MadeOfFields {
    init(fields: FieldMap) throws { self.init(serverTime: try fields.required("server_time")) }
}

extension ForceRotationResponse: MadeOfFields {
    init(fields: FieldMap) throws { self.init(serverTime: try fields.required("server_time")) }
}

extension SnapshotResponse: MadeOfFields {
    init(fields: FieldMap) throws { self.init(serverTime: try fields.required("server_time")) }
}

extension KeyListResponse: MadeOfFields {
    init(fields: FieldMap) throws {
        self.init(
            serverTime: try fields.required("server_time"),
            signingKeys: try fields.required("signing_keys")
        )
    }
}

extension KeyPrepareResponse: MadeOfFields {
    init(fields: FieldMap) throws {
        self.init(
            serverTime: try fields.required("server_time"),
            keyID: try fields.required("key_id"),
            usableAt: try fields.required("usable_at")
        )
    }
}

extension KeyActivateResponse: MadeOfFields {
    init(fields: FieldMap) throws { self.init(serverTime: try fields.required("server_time")) }
}

extension KeyRevokeResponse: MadeOfFields {
    init(fields: FieldMap) throws {
        self.init(serverTime: try fields.required("server_time"), keyID: try fields.required("key_id"))
    }
}

extension KeyImportResponse: MadeOfFields {
    init(fields: FieldMap) throws {
        self.init(
            serverTime: try fields.required("server_time"),
            keyID: try fields.required("key_id"),
            usableAt: try fields.required("usable_at")
        )
    }
}

extension SignResponse: MadeOfFields {
    init(fields: FieldMap) throws {
        self.init(
            serverTime: try fields.required("server_time"),
            accessToken: try fields.required("access_token"),
            expiresAt: try fields.required("expires_at"),
            expiresInSeconds: try fields.required("expires_in")
        )
    }
}

extension VerifyResponse: MadeOfFields {
    init(fields: FieldMap) throws {
        self.init(
            claims: fields.optional("claims"),
            isActive: try fields.required("active"),
            reason: fields.optional("reason").map(StatusCode.init(rawValue:))
        )
    }
}

extension SessionGrant {
    init(fields: FieldMap) throws {
        self.init(
            accessToken: try fields.required("access_token"),
            refreshToken: try fields.required("refresh_token"),
            sessionID: try fields.required("session_id"),
            times: GrantTimes(
                serverTime: try fields.required("server_time"),
                expiresAt: try fields.required("expires_at"),
                expiresInSeconds: try fields.required("expires_in"),
                refreshExpiresAt: try fields.required("refresh_expires_at"),
                refreshExpiresInSeconds: try fields.required("refresh_expires_in"),
                sessionExpiresAt: try fields.required("session_expires_at"),
                sessionExpiresInSeconds: try fields.required("session_expires_in")
            )
        )
    }
}

extension OpenResponse: MadeOfFields {
    init(fields: FieldMap) throws { self.init(grant: try SessionGrant(fields: fields)) }
}

extension RefreshResponse: MadeOfFields {
    init(fields: FieldMap) throws {
        let outcome: UInt8 = try fields.required("refresh_outcome")
        guard let refreshOutcome = RefreshOutcome(rawValue: outcome) else {
            throw FieldMap.Absent(name: "refresh_outcome")
        }
        self.init(
            grant: try SessionGrant(fields: fields),
            refreshOutcome: refreshOutcome,
            generation: try fields.required("generation")
        )
    }
}

extension IntrospectResponse: MadeOfFields {
    init(fields: FieldMap) throws {
        self.init(
            serverTime: try fields.required("server_time"),
            claims: fields.optional("claims"),
            subject: fields.optional("subject"),
            audience: fields.optional("audience"),
            scope: fields.optional("scope"),
            isActive: try fields.required("active"),
            reason: fields.optional("reason").map(StatusCode.init(rawValue:)),
            sessionID: fields.optional("session_id"),
            clientID: fields.optional("client_id"),
            refreshExpiresAt: fields.optional("refresh_expires_at"),
            refreshExpiresInSeconds: fields.optional("refresh_expires_in"),
            sessionExpiresAt: fields.optional("session_expires_at"),
            sessionExpiresInSeconds: fields.optional("session_expires_in"),
            refreshOutcome: fields.optional("refresh_outcome").flatMap(RefreshOutcome.init(rawValue:)),
            generation: fields.optional("generation"),
            createdAt: fields.optional("created_at"),
            lastUsedAt: fields.optional("last_used_at")
        )
    }
}

extension KeysResponse: MadeOfFields {
    init(fields: FieldMap) throws { self.init(jwks: try fields.required("jwks")) }
}

extension StatsResponse: MadeOfFields {
    init(fields: FieldMap) throws {
        self.init(
            serverBuild: try fields.required("server_build"),
            serverTime: try fields.required("server_time"),
            counters: try fields.required("counters"),
            isReady: try fields.required("ready"),
            readinessReasons: try fields.required("readiness_reasons"),
            buildID: fields.optional("build_id"),
            settings: try fields.required("settings"),
            settingsDigest: fields.optional("settings_digest")
        )
    }
}

extension ErrorResponse: MadeOfFields {
    init(fields: FieldMap) throws {
        self.init(
            lowestVersion: fields.optional("lowest_version"),
            highestVersion: fields.optional("highest_version"),
            serverTime: try fields.required("server_time"),
            status: StatusCode(rawValue: try fields.required("status")),
            message: try fields.required("message"),
            field: fields.optional("field"),
            reuseClass: fields.optional("reuse_class").flatMap(ReuseClass.init(rawValue:)),
            rule: fields.optional("rule"),
            retryAfterMilliseconds: fields.optional("retry_after")
        )
    }
}
