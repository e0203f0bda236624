import Glibc
import MintmarkClient

/// The environment variables that say which server to ask where the options do not.
struct ServerVariables: Sendable {
    /// `HOST:PORT`, as behind `--server`.
    static let serverName = "MINTMARK_SERVER"
    /// A path, as behind `--unix`. The daemon takes the same variable for the socket it listens on.
    static let unixName = "MINTMARK_UNIX"

    /// `HOST:PORT`, as behind `--tls`.
    static let tlsName = "MINTMARK_TLS"
    /// A path, as behind `--ca`.
    static let caName = "MINTMARK_CA"
    /// A path, as behind `--cert`.
    static let certName = "MINTMARK_CERT"
    /// A path, as behind `--key`.
    static let keyName = "MINTMARK_KEY"

    /// A client's id, as behind `--client`.
    static let clientName = "MINTMARK_CLIENT"
    /// A path, as behind `--client-key`.
    static let clientKeyName = "MINTMARK_CLIENT_KEY"

    /// Nil where the variable is absent or empty, as are the others.
    let server: String?
    let unix: String?
    let tls: String?
    let authorities: String?
    let certificate: String?
    let privateKey: String?
    let client: String?
    let clientKey: String?

    /// - Parameter value: The value of a variable; nil if it is absent.
    init(_ value: (_ name: String) -> String?) {
        func text(_ name: String) -> String? {
            value(name).flatMap { $0.isEmpty ? nil : $0 }
        }
        server = text(Self.serverName)
        unix = text(Self.unixName)
        tls = text(Self.tlsName)
        authorities = text(Self.caName)
        certificate = text(Self.certName)
        privateKey = text(Self.keyName)
        client = text(Self.clientName)
        clientKey = text(Self.clientKeyName)
    }

    /// Those of this process.
    static var ofProcess: ServerVariables {
        ServerVariables { name in getenv(name).map { String(cString: $0) } }
    }

    /// No variables.
    static let none = ServerVariables { _ in nil }
}

extension ServerVariables {
    /// The server that the variables name; nil if they name none.
    func endpoint(_ settings: TLSSettings) throws(UsageError) -> Endpoint? {
        switch (server, unix, tls) {
        case (nil, nil, nil): return nil
        case (let server?, nil, nil): return try Self.endpoint(Self.serverName, server, Endpoint.init(server:))
        case (nil, let path?, nil): return try Self.endpoint(Self.unixName, path, Endpoint.init(unixPath:))
        case (nil, nil, let tls?):
            return try Self.endpoint(Self.tlsName, tls) { (text) throws(UsageError) in try Endpoint(tls: text, settings)
            }
        default: throw UsageError("both \(Self.both(server, unix)) are set: give --server, --unix or --tls")
        }
    }

    /// The variable that names the server; nil if none does.
    var placeName: String? {
        [(Self.serverName, server), (Self.unixName, unix), (Self.tlsName, tls)].first { $0.1 != nil }?.0
    }

    /// Two variables that contradict each other.
    private static func both(_ server: String?, _ unix: String?) -> String {
        let names = [server.map { _ in serverName }, unix.map { _ in unixName }, tlsName].compactMap(\.self)
        return names.prefix(2).joined(separator: " and ")
    }

    /// Says which variable is at fault.
    private static func endpoint(
        _ name: String,
        _ value: String,
        _ read: (String) throws(UsageError) -> Endpoint
    ) throws(UsageError) -> Endpoint {
        do throws(UsageError) {
            return try read(value)
        } catch {
            throw UsageError("\(name): \(error.message)")
        }
    }
}
