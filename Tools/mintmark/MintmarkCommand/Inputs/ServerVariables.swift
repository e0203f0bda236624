import Glibc
import MintmarkClient

/// The environment variables that say which server to ask where the options do not.
struct ServerVariables: Sendable {
    /// `HOST:PORT`, as behind `--server`.
    static let serverName = "MINTMARK_SERVER"
    /// A path, as behind `--unix`. The daemon takes the same variable for the socket it listens on.
    static let unixName = "MINTMARK_UNIX"

    /// Nil where the variable is absent or empty.
    let server: String?
    /// Nil where the variable is absent or empty.
    let unix: String?

    /// - Parameter value: The value of a variable; nil if it is absent.
    init(_ value: (_ name: String) -> String?) {
        server = value(Self.serverName).flatMap { $0.isEmpty ? nil : $0 }
        unix = value(Self.unixName).flatMap { $0.isEmpty ? nil : $0 }
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
    func endpoint() throws(UsageError) -> Endpoint? {
        switch (server, unix) {
        case (nil, nil): return nil
        case (let server?, nil): return try Self.endpoint(Self.serverName, server, Endpoint.init(server:))
        case (nil, let path?): return try Self.endpoint(Self.unixName, path, Endpoint.init(unixPath:))
        default: throw UsageError("both \(Self.serverName) and \(Self.unixName) are set: give --server or --unix")
        }
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
