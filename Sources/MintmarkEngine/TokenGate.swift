package import MintmarkSessions
import MintmarkTokens
package import MintmarkWire

/// Verifies access tokens for somebody who asks by other means than frames, as VERIFY does: with the verified tokens,
/// cut-offs, permissions, rates and counters of the engine.
///
/// Belongs to one thread at a time.
package struct TokenGate: ~Copyable, Sendable {
    /// What became of a token.
    package enum Verdict: Sendable, Equatable {
        case active(TokenIdentity)
        /// The token is no good, for this reason.
        case inactive(Status)
        /// The token is good, and has not the scope that was asked for.
        case insufficientScope
        /// The caller may not ask, or not now.
        case refused(Refusal)
    }

    private let engine: Engine
    private let counters: CounterBlock
    private var tokens: TokenService
    private var tokensVersion: UInt64
    private var scratch = VerifyScratch()

    package init(engine: Engine) {
        self.engine = engine
        counters = engine.statistics.makeBlock()
        // The version first: what is replaced in between is taken over by the next question.
        tokensVersion = engine.tokens.version
        tokens = engine.tokens.now
    }

    /// Judges one token. The rate comes last: whoever shows a token that lets nobody in learns that at any rate.
    ///
    /// - Parameter caller: whose permission and rate count.
    package mutating func judge(
        _ token: RawSpan,
        _ requirement: TokenRequirement,
        caller: Caller,
        instant: SessionInstant
    ) -> Verdict {
        takeOverTokens()
        counters.add(.requests(.verify))
        if let rule = caller.permissions.refusal(of: .verify) {
            audit(rule, caller)
            return refused(Refusal(rule))
        }
        let identity: TokenIdentity
        do throws(TokenRefusal) {
            identity = try verify(token, requirement, instant)
        } catch {
            return inactive(Status(error))
        }
        guard requirement.accepts(scope: identity.scope) else {
            counters.add(.verifyActive)
            return .insufficientScope
        }
        if let milliseconds = caller.rates[.verify]?.take(atMilliseconds: instant.serviceMilliseconds) {
            return refused(Refusal(retryAfterMilliseconds: milliseconds))
        }
        counters.add(.verifyActive)
        return .active(identity)
    }

    private mutating func takeOverTokens() {
        let version = engine.tokens.version
        if version != tokensVersion {
            tokensVersion = version
            tokens = engine.tokens.now
        }
    }

    private mutating func verify(
        _ token: RawSpan,
        _ requirement: TokenRequirement,
        _ instant: SessionInstant
    ) throws(TokenRefusal) -> TokenIdentity {
        let tokens = tokens
        let facts = try tokens.verifier.verify(
            token,
            acceptedAudiences: requirement.audiences,
            leewaySeconds: tokens.leewaySeconds,
            now: instant.wallSeconds,
            cache: tokens.cache,
            revocations: engine.revocations,
            scratch: &scratch
        )
        let texts = scratch.texts(of: facts)
        guard requirement.accepts(issuer: texts.issuer) else {
            throw .issuerRefused
        }
        let clientID = scratch.clientID(of: facts)
        return TokenIdentity(
            issuer: texts.issuer,
            subject: scratch.subject(of: facts),
            clientID: clientID.isEmpty ? nil : clientID,
            scope: texts.scope,
            audiences: scratch.audiences(of: facts),
            expiresAt: facts.expiresAt
        )
    }

    private func inactive(_ reason: Status) -> Verdict {
        counters.add(.status(reason))
        counters.add(.verifyInactive)
        return .inactive(reason)
    }

    private func refused(_ refusal: Refusal) -> Verdict {
        counters.add(.errors(.verify))
        counters.add(.status(refusal.error.status))
        return .refused(refusal)
    }

    private func audit(_ rule: PermissionRule, _ caller: Caller) {
        guard let audit = engine.audit else {
            return
        }
        var event = AuditEvent(.operationRefused)
        event.clientID = caller.clientID
        event.isByAdministrator = caller.permissions.isAdministrator
        event.reason = rule.rawValue
        event.facts = [AuditEvent.Fact("operation", Kind.verify.name)]
        audit.record(event)
    }
}

/// What a good token says, as UTF-8. Immutable.
package struct TokenIdentity: Sendable, Equatable {
    package let issuer: [UInt8]
    package let subject: [UInt8]
    /// Nil: the token names no client.
    package let clientID: [UInt8]?
    /// Scope-tokens with spaces between them; nil: the token has no scope.
    package let scope: [UInt8]?
    /// At least one.
    package let audiences: [[UInt8]]
    /// In seconds since 1970.
    package let expiresAt: UInt64
}
