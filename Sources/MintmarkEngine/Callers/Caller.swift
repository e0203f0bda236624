package import MintmarkSessions

/// A client that calls: who it is, how its sessions live, what it may do, and what is left of its rates.
///
/// Immutable but for the rates, which guard themselves; shared between event loops.
package final class Caller: Sendable {
    /// Its id, and the policy for its sessions.
    package let session: SessionCaller
    package let permissions: Permissions
    package let rates: RateBudgets

    package init(session: SessionCaller, permissions: Permissions, rates: RateBudgets = RateBudgets()) {
        self.session = session
        self.permissions = permissions
        self.rates = rates
    }

    package var clientID: [UInt8] { session.clientID }
    package var policy: ClientPolicy { session.policy }

    /// The client id, as text.
    package var id: String { String(decoding: session.clientID, as: UTF8.self) }
}
