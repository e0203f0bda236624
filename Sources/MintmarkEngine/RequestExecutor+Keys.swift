package import MintmarkSessions
import MintmarkTokens
package import MintmarkWire

/// The life of the signing keys: operations for administrators.
extension RequestExecutor {
    mutating func keyList(
        _ request: Request,
        _ body: RawSpan,
        into writer: inout FrameWriter
    ) throws(Refusal) -> Disposition {
        try asRefusal { () throws(WireError) in _ = try KeyListRequest(decoding: body) }
        try takeRate(.administration, request)
        let keys = try administeredKeys
        let policy = keys.policy
        let signingKeys = keys.records.compactMap { SigningKey($0, usableAt: policy.usableAt($0)) }
        try asRefusal { () throws(WireError) in
            let response = KeyListResponse(serverTime: request.instant.wallSeconds, signingKeys: signingKeys)
            try response.encode(requestID: request.id, into: &writer)
        }
        return .ready
    }

    /// Has a change begun; its answer comes with its outcome.
    mutating func change(_ kind: Kind, _ request: Request, _ body: RawSpan) throws(Refusal) -> Disposition {
        let command = try asRefusal { () throws(WireError) in try Self.command(kind, body) }
        let keys = try administeredKeys
        if let failure = keys.failure(of: command) {
            throw Refusal(failure, of: command, now: request.instant.wallSeconds)
        }
        try takeRate(.administration, request)
        try requireAudit(for: kind, request) { $0.note(command) }
        let caller = KeyCaller(clientID: request.caller.clientID, peer: peer)
        guard let job = keys.submit(command, by: caller) else { throw Refusal(.busy) }
        return .awaitingKeys(job)
    }

    private static func command(_ kind: Kind, _ body: RawSpan) throws(WireError) -> KeyCommand {
        switch kind {
        case .keyPrepare:
            _ = try KeyPrepareRequest(decoding: body)
            return .prepare
        case .keyActivate:
            let request = try KeyActivateRequest(decoding: body)
            return .activate(keyID: Array(request.keyID.utf8), immediately: request.immediately)
        case .keyRevoke:
            return .revoke(keyID: Array(try KeyRevokeRequest(decoding: body).keyID.utf8))
        case .keyImport:
            return .importFile(try KeyImportRequest(decoding: body).keyFile)
        default:
            preconditionFailure("\(kind.name) changes no keys")
        }
    }

    private var administeredKeys: any KeyAdministration {
        get throws(Refusal) {
            guard let keys = engine.keys else { throw Refusal(.notConfigured) }
            return keys
        }
    }

    /// Appends the answer to a change of keys that has its outcome.
    package mutating func appendKeyAnswer(
        _ job: KeyJob,
        requestID: UInt32,
        instant: SessionInstant,
        to writer: inout FrameWriter
    ) {
        do throws(Refusal) {
            switch job.outcome {
            case .done(let keyID, let usableAt):
                let keyID = String(decoding: keyID, as: UTF8.self)
                try asRefusal { () throws(WireError) in
                    try Self.write(job.command, keyID, usableAt, requestID, instant.wallSeconds, into: &writer)
                }
            case .failed(let failure):
                throw Refusal(failure, of: job.command, now: instant.wallSeconds)
            case nil:
                preconditionFailure("a change of keys is answered before its outcome is known")
            }
        } catch {
            counters.add(.errors(job.command.kind))
            append(error, requestID, instant, to: &writer)
        }
    }

    private static func write(
        _ command: KeyCommand,
        _ keyID: String,
        _ usableAt: UInt64,
        _ requestID: UInt32,
        _ now: UInt64,
        into writer: inout FrameWriter
    ) throws(WireError) {
        switch command {
        case .prepare:
            let response = KeyPrepareResponse(serverTime: now, keyID: keyID, usableAt: usableAt)
            try response.encode(requestID: requestID, into: &writer)
        case .importFile:
            let response = KeyImportResponse(serverTime: now, keyID: keyID, usableAt: usableAt)
            try response.encode(requestID: requestID, into: &writer)
        case .activate:
            try KeyActivateResponse(serverTime: now).encode(requestID: requestID, into: &writer)
        case .revoke:
            try KeyRevokeResponse(serverTime: now, keyID: keyID).encode(requestID: requestID, into: &writer)
        }
    }
}

extension Refusal {
    /// - Parameter now: seconds since 1970.
    init(_ failure: KeyJob.Failure, of command: KeyCommand, now: UInt64) {
        let field: Tag? =
            switch command {
            case .prepare: nil
            case .activate, .revoke: .keyID
            case .importFile: .keyFile
            }
        switch failure {
        case .notFound: self.init(.keyNotFound, field: field)
        case .fileName: self.init(.fieldValue, field: field)
        case .fileRefused: self.init(.keyFileRefused, field: field)
        case .storage: self.init(.storage)
        case .refused(let refusal):
            self.init(.keyState, field: field)
            detail = refusal.words(now: now)
        }
    }
}

extension KeyRefusal {
    /// The reason, with a span in place of an instant.
    ///
    /// - Parameter now: seconds since 1970.
    fileprivate func words(now: UInt64) -> String {
        guard case .tooSoon(let instant) = self else { return description }
        return "it was published too recently, and is usable in \(instant - min(now, instant)) s"
    }
}

extension SigningKey {
    /// Nil for a key that is gone.
    init?(_ record: KeyRecord, usableAt: UInt64) {
        guard let state = State(rawValue: record.state.rawValue) else { return nil }
        self.init(
            keyID: String(decoding: record.keyID, as: UTF8.self),
            state: state,
            publicKey: record.publicKeyBytes,
            preparedAt: record.preparedAt,
            usableAt: usableAt,
            activatedAt: record.activatedAt,
            retiredAt: record.retiredAt,
            endedAt: record.endedAt
        )
    }
}

extension KeyCommand {
    /// The request that asks for it.
    fileprivate var kind: Kind {
        switch self {
        case .prepare: .keyPrepare
        case .activate: .keyActivate
        case .revoke: .keyRevoke
        case .importFile: .keyImport
        }
    }
}
