import MintmarkAdmin
import MintmarkEngine
import MintmarkSessions
import MintmarkWire
import NIOConcurrencyHelpers

/// Answers what `/authz` asks, as the client and on the terms that the configuration names. Lock-guarded: one question at
/// a time.
final class AuthzGate: Sendable {
    private struct Terms: Sendable {
        /// Nil: the configuration names a client that there is none of.
        let caller: Caller?
        let requirement: TokenRequirement
    }

    private let readiness: Readiness
    private let clock: ServerClock
    private let lock = NIOLock()
    /// Guarded by the lock.
    nonisolated(unsafe) private var gate: TokenGate
    /// Nil: `/authz` is off.
    private let terms: NIOLockedValueBox<Terms?>

    init(_ configuration: Configuration.Authz?, engine: Engine, clock: ServerClock, callers: CallerDirectory) {
        readiness = engine.readiness
        self.clock = clock
        gate = TokenGate(engine: engine)
        terms = NIOLockedValueBox(Self.terms(configuration, callers))
    }

    func changed(to configuration: Configuration.Authz?, callers: CallerDirectory) {
        let new = Self.terms(configuration, callers)
        terms.withLockedValue { $0 = new }
    }

    private static func terms(_ configuration: Configuration.Authz?, _ callers: CallerDirectory) -> Terms? {
        func bytes(_ texts: [String]) -> [[UInt8]] { texts.map { Array($0.utf8) } }
        return configuration.map { authz in
            Terms(
                caller: callers.client(authz.client),
                requirement: TokenRequirement(
                    audiences: authz.audiences.isEmpty ? nil : Set(bytes(authz.audiences)),
                    issuers: authz.issuers.isEmpty ? nil : Set(bytes(authz.issuers)),
                    scopes: bytes(authz.scopes)
                )
            )
        }
    }

    func judge(_ question: TokenQuestion) -> TokenDecision {
        guard let terms = terms.withLockedValue({ $0 }) else {
            return .off
        }
        // What else a server is not ready for does not touch verifying: a journal that fails takes no entry away.
        guard !readiness.current.contains(.starting), let caller = terms.caller else {
            return .unavailable
        }
        let requirement = terms.requirement.narrowed(by: TokenRequirement(question.query))
        let instant = clock.now()
        let verdict = lock.withLock {
            gate.judge(question.token.span.bytes, requirement, caller: caller, instant: instant)
        }
        return switch verdict {
        case .active(let identity): .active(BearerIdentity(identity))
        case .inactive(let status): .inactive(reason: status.name.lowercased())
        case .insufficientScope: .insufficientScope(required: requirement.scopes)
        case .refused(let refusal): Self.decision(refusal)
        }
    }

    private static func decision(_ refusal: Refusal) -> TokenDecision {
        guard let milliseconds = refusal.retryAfterMilliseconds else {
            return .unavailable
        }
        return .tooOften(retryAfterSeconds: milliseconds / 1_000 + (milliseconds % 1_000 == 0 ? 0 : 1))
    }
}

extension TokenRequirement {
    fileprivate init(_ query: AuthzQuery) {
        self.init(audiences: query.audience.map { [$0] }, issuers: query.issuer.map { [$0] }, scopes: query.scopes)
    }
}

extension BearerIdentity {
    fileprivate init(_ token: TokenIdentity) {
        self.init(
            issuer: token.issuer,
            subject: token.subject,
            clientID: token.clientID,
            scope: token.scope,
            audiences: token.audiences,
            expiresAt: token.expiresAt
        )
    }
}
