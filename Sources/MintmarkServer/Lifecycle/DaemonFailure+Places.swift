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
            case EADDRNOTAVAIL: "; no interface of this machine has it: choose one that it has"
            case EACCES, EPERM: "; this user may not listen there: choose another address, or allow it"
            default: ""
            }
        return cannotListen(on: place, fault.words, advice)
    }

    static func cannotListen(on place: String, _ reason: String, _ advice: String) -> DaemonFailure {
        DaemonFailure("cannot listen on \(place): \(reason)\(advice)", .address)
    }

    /// - Parameter deed: what was to be done to the file.
    static func readyFile(_ deed: String, _ error: any Error) -> DaemonFailure {
        DaemonFailure(
            "the ready file (ready_file, --ready-file) cannot be \(deed): \(error)",
            .readyFile
        )
    }
}
