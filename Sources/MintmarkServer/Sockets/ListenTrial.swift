import Glibc

/// Whether the TCP addresses of a configuration and the path of its Unix socket can be had, found out without listening on
/// them and without changing anything.
///
/// They are given back at once, so somebody else may still take one. Every start asks, before it makes anything that it need
/// not make: one that would fail anyway leaves as little behind as it can.
enum ListenTrial {
    static func run(_ configuration: Configuration) throws(DaemonFailure) {
        for address in configuration.listen + (configuration.tls?.listen ?? []) {
            try run(address) { .cannotListen(on: "\(address)", $0) }
        }
        for (address, advice) in [
            (configuration.admin.listen, AdminService.adminAdvice),
            (configuration.admin.authzListen, AdminService.authzAdvice),
        ] {
            guard let address else { continue }
            try run(address) { .cannotListen(on: "\(address)", $0.words, "; \(advice)") }
        }
        if let path = configuration.unix {
            do {
                try UnixSocketDirectory.checkPlace(ofSocketPath: path)
                try UnixSocketPath.isFree(path)
            } catch {
                throw .cannotListen(on: path, error)
            }
        }
    }

    private static func run(
        _ address: ListenAddress,
        _ failure: (SocketFault) -> DaemonFailure
    ) throws(DaemonFailure) {
        do throws(SocketFault) {
            close(try ListeningSocket.bind(address, listens: false))
        } catch {
            throw failure(error)
        }
    }
}
