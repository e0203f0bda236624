import Glibc

extension DaemonFailure {
    /// - Parameter place: an address, or the path of a Unix socket.
    static func cannotListen(on place: String, _ error: any Error) -> DaemonFailure {
        // The system's words, where the system failed; our own otherwise.
        guard let fault = error as? SocketFault else {
            return cannotListen(on: place, "\(error)", "")
        }
        let advice =
            switch fault.code {
            case EADDRINUSE: "; stop what listens there, or choose another address"
            case EADDRNOTAVAIL: "; no interface of this machine has it"
            case EACCES, EPERM: "; this user may not listen there"
            default: ""
            }
        return cannotListen(on: place, fault.words, advice)
    }

    static func cannotListen(on place: String, _ reason: String, _ advice: String) -> DaemonFailure {
        DaemonFailure("cannot listen on \(place): \(reason)\(advice)", .address)
    }
}
