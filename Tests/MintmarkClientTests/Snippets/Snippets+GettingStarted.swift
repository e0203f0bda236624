import CoreMetrics
import Logging
import MintmarkClient

/// What a service makes of a verdict.
enum Admission: Equatable {
    case allowed([UInt8]?)
    case refused(String)
}

extension Snippets {
    static func ping() async throws -> UInt64 {
        // snippet: ping
        let configuration = MintmarkClient.Configuration(.unixSocket(path: "/tmp/mintmark.sock"))
        let time = try await withMintmarkClient(configuration) { client in
            try await client.ping()
        }
        print("the server's clock says", time)
        // end
        return time
    }

    static func logIn(_ client: MintmarkClient, _ answer: (String, String) -> Void) async throws {
        // snippet: log-in
        let tokens = try await client.open(
            subject: "alice",
            audience: ["orders"],
            claims: Array(#"{"role":"buyer"}"#.utf8),
            scope: "orders:read orders:write"
        )
        answer(tokens.accessToken, tokens.refreshToken)
        // end
    }

    static func check(_ client: MintmarkClient, _ accessToken: String) async throws -> Admission {
        // snippet: check
        switch try await client.verify(accessToken, audience: .named("orders")) {
        case .active(let claims):
            return .allowed(claims)
        case .inactive(let reason):
            return .refused("\(reason)")
        }
        // end
    }

    static func tradeIn(
        _ client: MintmarkClient,
        _ refreshToken: String,
        _ answer: (String, String) -> Void
    ) async throws {
        // snippet: trade-in
        let session = try await client.refresh(refreshToken)
        answer(session.tokens.accessToken, session.tokens.refreshToken)
        // end
    }

    static func logOut(_ client: MintmarkClient, _ refreshToken: String) async throws {
        // snippet: log-out
        try await client.revoke(.refreshToken(refreshToken))
        // end
    }

    static func watch(
        _ configuration: MintmarkClient.Configuration,
        _ logger: Logger,
        _ backend: any MetricsFactory
    ) -> MintmarkClient {
        // snippet: watch
        let client = MintmarkClient(configuration, logger: logger, metricsFactory: backend)
        // end
        return client
    }

    static func identity() throws -> MintmarkClient.Configuration {
        // snippet: identity
        let tls = TLSSettings(trustRoots: .file(path: "/etc/orders/mintmark-ca.pem"))
        var configuration = MintmarkClient.Configuration(.tls(host: "mintmark.internal", port: 7422, tls))
        configuration.identity = try ClientIdentity(clientID: "orders", keyFile: "/etc/orders/mintmark.key")
        // end
        return configuration
    }
}
