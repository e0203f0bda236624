import MintmarkEngine
import MintmarkSessions

@testable import MintmarkServer

extension Caller {
    /// Somebody who may do everything.
    static func administrator(_ id: String, policy: ClientPolicy = ClientPolicy()) -> Caller {
        Caller(
            session: SessionCaller(clientID: Array(id.utf8), policy: policy),
            permissions: Permissions(isAdministrator: true)
        )
    }

    /// Somebody who may do everything but administer.
    static func ordinary(_ id: String, policy: ClientPolicy = ClientPolicy()) -> Caller {
        Caller(
            session: SessionCaller(clientID: Array(id.utf8), policy: policy),
            permissions: Permissions(isAdministrator: false)
        )
    }
}

extension CallerDirectory {
    /// A directory in which everybody is this client.
    convenience init(everybody caller: Caller) {
        self.init([.unixSocket: caller, .loopback: caller])
    }
}
