import Glibc
import Logging
import MintmarkAdmin
import NIOCore
import NIOPosix
import ServiceLifecycle

/// The HTTP listeners with their event loop. Goes on until everything else has stopped, so that probes learn that the server
/// is stopping.
struct AdminService: Service {
    /// Where it listens.
    struct Addresses: Sendable, Equatable {
        /// Nil: there is no admin listener.
        var admin: String?
        /// Nil: `/authz` has no listener of its own.
        var authz: String?
    }

    /// What to do where an address cannot be had.
    static let adminAdvice = "--admin names another address for HTTP, or is off"
    static let authzAdvice = "admin.authz.listen names another address for /authz"

    private struct Place: Sendable {
        let address: ListenAddress
        let listener: AdminListener
    }

    private static let limits = AdminLimits()
    private static var proxyLimits: AdminLimits {
        var limits = limits
        limits.connectionsMax = AdminLimits.proxyConnectionsMax
        return limits
    }

    /// The connections that all of its listeners can hold at once.
    static func connectionsMax(_ configuration: Configuration.Admin) -> Int {
        (configuration.listen == nil ? 0 : limits.connectionsMax)
            + (configuration.authzListen == nil ? 0 : proxyLimits.connectionsMax)
    }

    private let admin: Place?
    private let authz: Place?

    /// - Parameter group: of one event loop, which belongs to nothing else.
    init(
        _ configuration: Configuration.Admin,
        source: ServerAdminSource,
        on group: MultiThreadedEventLoopGroup,
        logger: Logger
    ) {
        func place(_ address: ListenAddress, _ endpoints: Set<Endpoint>, checksHost: Bool = true) -> Place {
            var settings = AdminListener.Settings(
                host: address.host,
                port: Int(address.port),
                endpoints: endpoints
            )
            settings.hosts = configuration.hosts
            settings.checksHost = checksHost
            settings.limits = checksHost ? Self.limits : Self.proxyLimits
            let listener = AdminListener(
                settings,
                source: source,
                statistics: source.statistics,
                on: group,
                logger: logger
            )
            return Place(address: address, listener: listener)
        }
        let endpoints = Set(Endpoint.allCases).subtracting(configuration.authzListen == nil ? [] : [.authz])
        admin = configuration.listen.map { place($0, endpoints) }
        // Proxies send the name of an upstream, or that which their own client asked for. Whoever asks learns what the
        // token says that they show, whatever page they come from.
        authz = configuration.authzListen.map { place($0, [.authz], checksHost: false) }
    }

    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for place in [admin, authz].compactMap(\.self) {
                tasks.addTask { try await place.listener.run() }
            }
            try await tasks.waitForAll()
        }
    }

    /// Where it listens, once it does. To be asked once.
    func addresses() async throws(DaemonFailure) -> Addresses {
        Addresses(
            admin: try await Self.address(admin, Self.adminAdvice),
            authz: try await Self.address(authz, Self.authzAdvice)
        )
    }

    private static func address(_ place: Place?, _ advice: String) async throws(DaemonFailure) -> String? {
        guard let place else {
            return nil
        }
        do {
            return place.address.description(withPort: try await place.listener.port())
        } catch {
            throw .cannotListen(on: "\(place.address)", reason(error), "; \(advice)")
        }
    }

    /// The system's words, where the system failed.
    private static func reason(_ error: any Error) -> String {
        (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
    }
}
