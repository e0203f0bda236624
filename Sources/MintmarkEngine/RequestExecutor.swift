package import MintmarkSessions
package import MintmarkTokens
package import MintmarkWire

/// Executes requests and appends their answers: one for each event loop, with the loop's working memory.
///
/// A value owned by its event loop; what it shares with the others is in `Engine`. Time and caller come in with each
/// request. Once the buffers are warm, signing and verifying allocate nothing.
package struct RequestExecutor: ~Copyable {
    let engine: Engine
    package let counters: CounterBlock
    package let durations: RequestDurations
    /// The service that this burst works with.
    private(set) var tokens: TokenService {
        didSet { cache = tokens.cache.map(Unmanaged.passUnretained) }
    }
    /// That of the service, which holds it: announcing a request need not count references to it.
    private(set) var cache: Unmanaged<VerifiedTokenCache>?
    private var tokensVersion: UInt64

    var claimsWriter: ClaimsWriter
    var claimsValidator = ClaimsValidator()
    var verifyScratch = VerifyScratch()
    /// The request that was announced last.
    var announcement: Announcement?
    /// Room for a token, which the one that was made last stands at the beginning of.
    var tokenRoom = [UInt8](repeating: 0, count: Limits.accessTokenLengthMax)
    var tokenByteCount = 0
    var tokenAnnouncement: VerifiedTokenCache.Announcement?
    /// What the session store grants.
    var grant = GrantBuffer()
    /// What was found when the session store asked last whether a request may be granted.
    var admission = Admission()
    /// The 16 bytes of a session id.
    var identifier: [UInt8] = []
    /// Where the connection of the next requests comes from, for the audit log; set where there is one.
    package var peer: String?
    /// Whether the server holds as much as it may, and this connection more than its share: what would make it more is answered
    /// BUSY.
    package var isMemoryExhausted = false
    /// Whether the requests of this burst have waited too long: what makes or checks a signature is answered BUSY.
    package var mustShed = false
    /// Whether a request of this burst has waited for the audit log.
    package internal(set) var hasWaitedForAudit = false

    package init(engine: Engine, claimsWriter: consuming ClaimsWriter) {
        self.engine = engine
        self.claimsWriter = claimsWriter
        counters = engine.statistics.makeBlock()
        durations = engine.statistics.makeDurations()
        // The version first: what is replaced in between is taken over by the next burst.
        tokensVersion = engine.tokens.version
        tokens = engine.tokens.now
        cache = tokens.cache.map(Unmanaged.passUnretained)
    }

    /// Takes over what was replaced since the last burst. Costs one load where nothing was.
    package mutating func beginBurst() {
        hasWaitedForAudit = false
        let version = engine.tokens.version
        if version != tokensVersion {
            tokensVersion = version
            tokens = engine.tokens.now
        }
    }

    /// Executes one request of a connection whose handshake is done and appends its answer, which may be an error.
    ///
    /// - Parameter isRepetition: the request came to `Disposition.again` before, and was counted then.
    package mutating func execute(
        _ header: FrameHeader,
        body: RawSpan,
        caller: Caller,
        instant: SessionInstant,
        isRepetition: Bool = false,
        into writer: inout FrameWriter
    ) -> Disposition {
        let request = Request(id: header.requestID, caller: caller, instant: instant)
        if !isRepetition, let kind = header.requestKind {
            counters.add(.requests(kind))
        }
        do throws(Refusal) {
            let kind = try kind(of: header)
            if let rule = caller.permissions.refusal(of: kind) {
                var refusal = Refusal(rule)
                refusal.detail = "\(rule.rawValue): \(kind.name)"
                throw refusal
            }
            return try perform(kind, request, body, into: &writer)
        } catch {
            if let rule = error.rule {
                auditRefusal(by: rule, header, request)
            }
            if let kind = header.requestKind {
                counters.add(.errors(kind))
            }
            if let reuseClass = error.reuseClass {
                counters.add(.reuse(reuseClass))
            }
            append(error, request.id, instant, to: &writer)
            return .answered(after: error.lsn)
        }
    }

    /// After which a request that was answered BUSY is worth repeating.
    package static let busyRetryMilliseconds: UInt32 = 100

    /// Whether what is done is told to anybody.
    package var hasAudit: Bool { engine.audit != nil }

    /// Who takes the snapshots that ``Disposition/awaitingSnapshot(_:)`` tells of.
    package var snapshots: (any SnapshotRequests)? { engine.snapshots }

    /// Why a grant was refused that the sessions' own rules would allow.
    struct Admission {
        var rule: PermissionRule?
        var retryAfterMilliseconds: UInt32?
        /// Whether the request has used up its part of the caller's rate.
        var isGiven = false
    }

    /// Refuses what costs much while requests wait too long; to be asked before the work is done.
    func requireTime() throws(Refusal) {
        guard !mustShed else {
            counters.add(.shedWaiting)
            throw Refusal(.busy)
        }
    }

    /// What every operation needs to know beside its fields.
    struct Request {
        let id: UInt32
        let caller: Caller
        let instant: SessionInstant
    }

    private func kind(of header: FrameHeader) throws(Refusal) -> Kind {
        do throws(WireError) {
            return try header.checkedRequestKind()
        } catch {
            throw Refusal(error)
        }
    }

    private mutating func perform(
        _ kind: Kind,
        _ request: Request,
        _ body: RawSpan,
        into writer: inout FrameWriter
    ) throws(Refusal) -> Disposition {
        switch kind {
        case .verify: try verify(request, body, into: &writer)
        case .sign: try sign(request, body, into: &writer)
        case .refresh: try refresh(request, body, into: &writer)
        case .open: try open(request, body, into: &writer)
        case .revoke: try revoke(request, body, into: &writer)
        case .introspect: try introspect(request, body, into: &writer)
        case .forceRotation: try forceRotation(request, body, into: &writer)
        case .snapshot: try snapshot(request, body, into: &writer)
        case .ping: try ping(request, body, into: &writer)
        case .keys: try keys(request, body, into: &writer)
        case .keyList: try keyList(request, body, into: &writer)
        case .keyPrepare, .keyActivate, .keyRevoke, .keyImport: try change(kind, request, body)
        case .stats: try statistics(request, body, into: &writer)
        case .hello, .auth:
            preconditionFailure("\(kind.name) belongs to the connection and was handed to the engine")
        }
    }
}

// MARK: - Errors

extension RequestExecutor {
    /// Appends an error frame; `requestID` 0 belongs to no request.
    package mutating func appendError(
        _ error: WireError,
        requestID: UInt32,
        instant: SessionInstant,
        to writer: inout FrameWriter
    ) {
        append(Refusal(error), requestID, instant, to: &writer)
    }

    mutating func append(
        _ refusal: Refusal,
        _ requestID: UInt32,
        _ instant: SessionInstant,
        to writer: inout FrameWriter
    ) {
        let status = refusal.error.status
        counters.add(.status(status))
        var response = ErrorResponse(refusal.error, serverTime: instant.wallSeconds)
        response.reuseClass = refusal.reuseClass
        response.retryAfterMilliseconds = refusal.retryAfterMilliseconds
        if status == .busy {
            response.retryAfterMilliseconds = Self.busyRetryMilliseconds
        }
        if let rule = refusal.rule {
            response.rule = rule.rawValue
        }
        if let detail = refusal.detail ?? refusal.rule?.rawValue {
            response.message = refusal.error.words(telling: detail)
        }
        if status == .versionUnsupported {
            response.lowestVersion = ProtocolIdentity.version
            response.highestVersion = ProtocolIdentity.version
        }
        do throws(WireError) {
            try response.encode(requestID: requestID, into: &writer)
        } catch {
            preconditionFailure("an error frame is above the least frame limit: \(error)")
        }
    }
}

/// Runs what reads or writes wire values; a fault there is the request's answer.
func asRefusal<Result: ~Copyable>(_ body: () throws(WireError) -> Result) throws(Refusal) -> Result {
    do throws(WireError) {
        return try body()
    } catch {
        throw Refusal(error)
    }
}
