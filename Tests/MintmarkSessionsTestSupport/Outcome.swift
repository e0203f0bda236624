package import MintmarkSessions

extension SessionCaller {
    package static func client(
        _ name: String = "local",
        revokingOwners: Set<[UInt8]> = [],
        _ change: (inout ClientPolicy) -> Void = { _ in }
    ) -> SessionCaller {
        var policy = ClientPolicy()
        change(&policy)
        return SessionCaller(clientID: Array(name.utf8), policy: policy, revokingOwners: revokingOwners)
    }
}

/// What a successful call gave, copied out of the grant.
package struct Granted: Equatable {
    package let token: [UInt8]
    package let sessionID: SessionID
    package let outcome: RotationOutcome
    package let generation: TokenGeneration
    package let issuedAt: UInt64
    package let expiresAt: UInt64
    package let refreshExpiry: UInt64
    package let sessionExpiry: UInt64
    package let after: LogSequenceNumber
    package let subject: [UInt8]
    package let audience: [UInt8]
    package let scope: [UInt8]
    package let claims: [UInt8]
    package let graceStreak: UInt16

    package init(_ grant: GrantBuffer, after: LogSequenceNumber) {
        token = Array(grant.bytes[grant.refreshToken])
        sessionID = grant.sessionID
        outcome = grant.outcome
        generation = grant.generation
        issuedAt = grant.issuedAtSeconds
        expiresAt = grant.expiresAtSeconds
        refreshExpiry = grant.refreshExpirySeconds
        sessionExpiry = grant.sessionExpirySeconds
        self.after = after
        subject = Array(grant.bytes[grant.subject])
        audience = Array(grant.bytes[grant.audience])
        scope = Array(grant.bytes[grant.scope])
        claims = Array(grant.bytes[grant.claims])
        graceStreak = grant.graceStreak
    }
}

package enum Outcome: Equatable {
    case granted(Granted)
    case refused(SessionRejection)
    case again(after: LogSequenceNumber)

    package var granted: Granted? {
        if case .granted(let granted) = self { granted } else { nil }
    }

    package var rejection: SessionRejection? {
        if case .refused(let rejection) = self { rejection } else { nil }
    }

    package var refusal: SessionRefusal? {
        rejection?.refusal
    }

    package var refreshOutcome: RotationOutcome? {
        granted?.outcome
    }
}

/// A wire list of texts.
package func audience(_ items: String...) -> [UInt8] {
    items.flatMap { [UInt8($0.utf8.count >> 8), UInt8($0.utf8.count & 255)] + Array($0.utf8) }
}

/// Appends parts to one request body.
package struct Body {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    package mutating func append(_ part: [UInt8]) -> Range<Int> {
        bytes.append(contentsOf: part)
        return (bytes.count - part.count)..<bytes.count
    }
}
