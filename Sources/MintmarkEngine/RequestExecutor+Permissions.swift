import MintmarkSessions
import MintmarkTokens
import MintmarkWire

/// What the caller may do and how often. `operations` is judged before a request is decoded; everything else behind the
/// field check, and rates last: whatever would refuse a request for good has been asked before.
extension RequestExecutor {
    /// Only administrators reach beyond what is their own.
    func requireAdministrator(_ request: Request) throws(Refusal) {
        guard request.caller.permissions.isAdministrator else {
            throw Refusal(.admin)
        }
    }

    /// Judges what a token would say.
    ///
    /// - Parameters:
    ///   - audiences: an `AudienceList`.
    ///   - claims: custom claims that were validated; empty without any.
    mutating func refusal(
        by permissions: Permissions,
        subject: RawSpan,
        audiences: RawSpan,
        scope: RawSpan,
        claims: RawSpan
    ) -> PermissionRule? {
        guard permissions.restrictsTokens else {
            return nil
        }
        if let patterns = permissions.subjects, !patterns.contains(where: { $0.matches(subject) }) {
            return .subjects
        }
        if let allowed = permissions.audiences, !SessionAudience.isPart(audiences, of: allowed.span.bytes) {
            return .audiences
        }
        if let allowed = permissions.scopes, !scope.isEmpty, !ScopeList.isPart(scope, of: allowed.span.bytes) {
            return .scopes
        }
        if let allowed = permissions.claims, !claims.isEmpty {
            let isAllowed = claimsValidator.outermostNames(of: claims, allSatisfy: { allowed.contains($0) })
            return isAllowed ? nil : .claims
        }
        return nil
    }

    /// Uses up one of the caller's rate for this kind of request; the last thing that is asked. Once for each request.
    mutating func takeRate(_ subject: RateBudgets.Subject, _ request: Request) throws(Refusal) {
        if let milliseconds = overdraft(subject, request.caller, request.instant) {
            throw Refusal(retryAfterMilliseconds: milliseconds)
        }
    }

    /// The same without throwing: nil when it was used up now, else how long to wait.
    @inline(__always)
    func overdraft(_ subject: RateBudgets.Subject, _ caller: Caller, _ instant: SessionInstant) -> UInt32? {
        guard caller.rates.areAny, let budget = caller.rates[subject] else {
            return nil
        }
        return budget.take(atMilliseconds: instant.serviceMilliseconds)
    }
}
