import Foundation
import MintmarkClient
import Testing

/// Clients that have a key and no certificate, over TLS, with every program that speaks the protocol.
@Suite struct TLSClientKeyTests {
    private let certificates: DevCertificates
    private let key: ClientKey
    private let daemon: DaemonProcess

    init() throws {
        certificates = try DevCertificates()
        key = try ClientKey()
        let clients = """
            clients:
              web: {identities: {public_keys: [\(key.publicKey)]}}
              ops: {identities: {user_ids: [\(geteuid())]}}

            """
        daemon = try DaemonProcess(configuration: certificates.yamlForAnybody + clients)
    }

    private var options: [String] { certificates.options(daemon, shows: nil) + key.options }

    private func configuration(_ identity: ClientIdentity?) throws -> MintmarkClient.Configuration {
        var configuration = MintmarkClient.Configuration(try certificates.endpoint(daemon, shows: nil))
        configuration.identity = identity
        configuration.connectTimeout = .seconds(300)
        configuration.requestTimeout = .seconds(300)
        return configuration
    }

    private func failure(_ identity: ClientIdentity?) async throws -> MintmarkError? {
        try await withMintmarkClient(configuration(identity)) { client in
            do throws(MintmarkError) {
                _ = try await client.ping()
                return nil
            } catch {
                return error
            }
        }
    }

    @Test func swiftClient() async throws {
        let identity = try key.identity()
        try await withMintmarkClient(try configuration(identity)) { client in
            let opened = try await client.openSession("alice")
            #expect(try await client.refusal(ofAccessToken: opened.accessToken) == nil)
            let refreshed = try await client.refresh(opened.refreshToken)
            // Sessions belong to the client that the key stands for.
            #expect(try await client.description(of: refreshed.tokens.refreshToken)?.clientID == "web")
        }
        #expect(try await daemon.counter("handshakes_authenticated") == 1)
    }

    @Test func whoProvesNothingIsTurnedAway() async throws {
        let stranger = try ClientKey()
        #expect(try await failure(nil)?.code == .authenticationRequired)
        #expect(try await failure(try stranger.identity())?.status == .authFailed)
        let nobody = try ClientIdentity(clientID: "nobody", keyFile: key.file)
        #expect(try await failure(nobody)?.status == .authFailed)
        #expect(try await daemon.counter("handshakes_authenticated") == 0)
        #expect(try await daemon.counter("tls_handshakes_failed") == 0)
    }

    @Test func commandLine() throws {
        let signed = try run(
            BuiltProducts.mintmark,
            ["sign", "--subject", "alice", "--audience", "orders", "--json"] + options
        )
        #expect(signed.exitCode == 0, "\(signed)")
        let silent = try run(
            BuiltProducts.mintmark,
            ["ping", "--json"] + certificates.options(daemon, shows: nil)
        )
        #expect(silent.exitCode == 3)
        #expect(silent.output.contains("\"error_code\":\"AUTHENTICATION_REQUIRED\""), "\(silent)")
    }

    @Test func loadTool() throws {
        let workload = [
            "--requests", "2000", "--connections", "2", "--depth", "8", "--mix", "verify=8,sign=1,refresh=1",
        ]
        let result = try run(BuiltProducts.mintmarkBench, ["peak", "--json", "-"] + workload + options)
        // 12: the tool was the bottleneck, which says nothing about who it is.
        #expect([0, 12].contains(result.exitCode), "\(result)")
        #expect((try result.json["errors"] as? [String: Int])?.isEmpty == true, "\(result)")
    }

    @Test func pythonClient() throws {
        let script = BuiltProducts.repository.appendingPathComponent("Protocol/examples/life_of_a_token.py").path
        let result = try run(URL(fileURLWithPath: "/usr/bin/env"), ["python3", "-B", script] + options)
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        #expect(result.output.hasSuffix("\nok\n"))
    }
}
