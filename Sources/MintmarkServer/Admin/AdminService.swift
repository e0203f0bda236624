import Glibc
import Logging
import MintmarkAdmin
import NIOCore
import NIOPosix
import ServiceLifecycle

/// The HTTP listeners with their event loop. Goes on until everything else has stopped, so that probes learn that the server
/// is stopping.
struct AdminService: Service {
    private let address: ListenAddress
    private let listener: AdminListener

    /// - Parameter group: of one event loop, which belongs to nothing else.
    init(
        _ configuration: Configuration.Admin,
        at address: ListenAddress,
        source: ServerAdminSource,
        on group: MultiThreadedEventLoopGroup,
        logger: Logger
    ) {
        var settings = AdminListener.Settings(host: address.host, port: Int(address.port))
        settings.hosts = configuration.hosts
        self.address = address
        listener = AdminListener(
            settings,
            source: source,
            statistics: source.statistics,
            on: group,
            logger: logger
        )
    }

    func run() async throws {
        try await listener.run()
    }

    /// Where it listens, once it does. To be asked once.
    func address() async throws(DaemonFailure) -> String {
        do {
            return address.description(withPort: try await listener.port())
        } catch {
            throw DaemonFailure(
                "cannot listen on \(address): \(Self.reason(error)); --admin names another address for HTTP, or is off",
                .address
            )
        }
    }

    /// The system's words, where the system failed.
    private static func reason(_ error: any Error) -> String {
        (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
    }
}
