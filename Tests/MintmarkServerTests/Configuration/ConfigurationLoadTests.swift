import Foundation
import MintmarkEngine
import MintmarkStorage
import MintmarkWire
import Testing

@testable import MintmarkServer

@Suite("Loading a configuration")
struct ConfigurationLoadTests {
    @Test func nothingSetGivesTheDefaults() throws {
        let configuration = try load()
        #expect(configuration.listen.map(\.description) == ["127.0.0.1:7420"])
        #expect(configuration.unix == nil)
        #expect(configuration.threads == 4)
        #expect(configuration.dataDirectory == stateDirectory)
        #expect(configuration.issuer == "mintmark")
        #expect(configuration.readyFile == nil)
        #expect(configuration.auditFile == nil)
        #expect(configuration.log == Configuration.Log(level: .info, format: .auto))
        #expect(
            configuration.limits
                == Configuration.Limits(
                    frameLengthBytes: 65_536,
                    inFlight: 1024,
                    connections: 1024,
                    memoryBytes: 268_435_456,
                    queueTime: .milliseconds(100),
                    handshakeTimeout: .seconds(10),
                    frameTimeout: .seconds(30),
                    writeTimeout: .seconds(30),
                    shutdownTimeout: .seconds(10)
                )
        )
        #expect(
            configuration.tokens
                == Configuration.Tokens(
                    type: "at+jwt",
                    algorithm: .edDSA,
                    leeway: .seconds(30),
                    cacheSizeBytes: 67_108_864,
                    signingKeyFile: "/var/lib/mintmark/signing-key.pem",
                    isSigningKeyProvided: false,
                    signingKeyPassphraseFile: nil
                )
        )
        #expect(
            configuration.keys
                == Configuration.Keys(
                    directory: "/var/lib/mintmark/keys",
                    passphraseFile: nil,
                    rotation: .days(30),
                    publication: .seconds(3600)
                )
        )
        #expect(configuration.trustedIssuers.isEmpty)
        #expect(
            configuration.sessions
                == Configuration.Sessions(
                    max: 2_000_000,
                    cutOffsMax: 100_000,
                    sweepInterval: .seconds(1),
                    masterKeyFile: "/var/lib/mintmark/master.key"
                )
        )
        #expect(
            configuration.storage
                == Configuration.Storage(
                    durability: .always,
                    snapshotInterval: .seconds(300),
                    segmentSizeBytes: 67_108_864
                )
        )
        #expect(
            configuration.clients == [
                "local": Configuration.Client(
                    rotation: .always,
                    grace: Configuration.Client.Grace(window: .seconds(10), uses: 16, streak: nil),
                    accessTokenTTL: .seconds(300),
                    idle: .seconds(2_592_000),
                    absolute: .seconds(31_536_000),
                    context: .ignore,
                    clientMismatch: .keep,
                    ttlJitterPercent: 0,
                    sessionsPerSubject: nil,
                    identities: Configuration.Client.Identities(),
                    permissions: Permissions(isAdministrator: true),
                    rates: [:]
                )
            ]
        )
    }

    @Test func theExampleSetsEverything() throws {
        let configuration = try load(exampleConfiguration)
        #expect(configuration.listen.map(\.description) == ["127.0.0.1:7421", "[::1]:7421", "127.0.0.1:0"])
        #expect(configuration.unix == "/run/mintmark/mintmark.sock")
        #expect(configuration.threads == 2)
        #expect(configuration.dataDirectory == "/srv/mintmark")
        #expect(configuration.issuer == "https://tokens.example.com")
        #expect(configuration.readyFile == "/run/mintmark/ready.json")
        #expect(configuration.auditFile == "/var/log/mintmark/audit.log")
        #expect(configuration.log == Configuration.Log(level: .debug, format: .json))
        #expect(
            configuration.tls
                == Configuration.TLS(
                    listen: [ListenAddress("192.0.2.1:7421")].compactMap(\.self),
                    certificate: "/etc/mintmark/server.pem",
                    privateKey: "/etc/mintmark/server.key",
                    clientCertificates: .optional,
                    clientCA: "/etc/mintmark/callers.pem"
                )
        )
        #expect(
            configuration.limits
                == Configuration.Limits(
                    frameLengthBytes: 131_072,
                    inFlight: 512,
                    connections: 4096,
                    memoryBytes: 134_217_728,
                    queueTime: .milliseconds(20),
                    handshakeTimeout: .seconds(5),
                    frameTimeout: .seconds(15),
                    writeTimeout: .seconds(60),
                    shutdownTimeout: .milliseconds(2500)
                )
        )
        #expect(
            configuration.tokens
                == Configuration.Tokens(
                    type: "JWT",
                    algorithm: .ed25519,
                    leeway: .zero,
                    cacheSizeBytes: 0,
                    signingKeyFile: "/etc/mintmark/signing-key.pem",
                    isSigningKeyProvided: true,
                    signingKeyPassphraseFile: "/etc/mintmark/passphrase"
                )
        )
        #expect(
            configuration.keys
                == Configuration.Keys(
                    directory: "/srv/keys",
                    passphraseFile: "credential:passphrase",
                    rotation: .days(7),
                    publication: .seconds(600)
                )
        )
        #expect(
            configuration.trustedIssuers == [
                Configuration.TrustedIssuer(
                    issuer: "https://other.example",
                    jwksFile: "/etc/mintmark/other.json",
                    audiences: ["orders", "a, b"]
                ),
                Configuration.TrustedIssuer(issuer: "third", jwksFile: "third.json", audiences: []),
            ]
        )
        #expect(
            configuration.sessions
                == Configuration.Sessions(
                    max: 1_000_000,
                    cutOffsMax: 50_000,
                    sweepInterval: .milliseconds(250),
                    masterKeyFile: "/etc/mintmark/master.key"
                )
        )
        #expect(
            configuration.storage
                == Configuration.Storage(
                    durability: .interval(milliseconds: 250),
                    snapshotInterval: .seconds(60),
                    segmentSizeBytes: 4_194_304
                )
        )
        #expect(
            configuration.clients == [
                "local": Configuration.Client(
                    rotation: .after(.seconds(86_400)),
                    grace: Configuration.Client.Grace(window: .seconds(30), uses: 8, streak: 32),
                    accessTokenTTL: .seconds(600),
                    idle: .seconds(1_209_600),
                    absolute: .seconds(7_776_000),
                    context: .rotate,
                    clientMismatch: .revoke,
                    ttlJitterPercent: 5,
                    sessionsPerSubject: Configuration.Client.SessionsPerSubject(max: 10, whenFull: .revokeOldest),
                    identities: try exampleIdentities(),
                    permissions: Permissions(
                        operations: [OperationSet(.sign), OperationSet(.verify)],
                        isAdministrator: true,
                        subjects: ["user-*", "*@example"],
                        audiences: ["api"],
                        scopes: ["read"],
                        claims: ["role"]
                    ),
                    rates: [
                        .sign: Rate(count: 100, periodMilliseconds: 1_000, burst: 100),
                        .verify: Rate(count: 5_000, periodMilliseconds: 1_000, burst: 20_000),
                        .open: Rate(count: 20, periodMilliseconds: 1_000, burst: 20),
                        .refresh: Rate(count: 50, periodMilliseconds: 1_000, burst: 50),
                        .revoke: Rate(count: 30, periodMilliseconds: 60_000, burst: 30),
                        .introspect: Rate(count: 10, periodMilliseconds: 1_000, burst: 10),
                        .keys: Rate(count: 1, periodMilliseconds: 1_000, burst: 1),
                        .stats: Rate(count: 1, periodMilliseconds: 1_000, burst: 1),
                        .administration: Rate(count: 5, periodMilliseconds: 3_600_000, burst: 5),
                    ]
                )
            ]
        )
    }

    private func exampleIdentities() throws -> Configuration.Client.Identities {
        Configuration.Client.Identities(
            userIDs: [1_000],
            certificates: [CertificateName(uri: "spiffe://mesh/web")],
            publicKeys: [try SettingType<PublicKeyText>.publicKey.parse("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")]
        )
    }

    @Test func theExampleSetsEverySettingInTheFile() throws {
        let configuration = try load(exampleConfiguration)
        let fromElsewhere = configuration.effective.filter { !$0.origin.description.hasPrefix("m.yaml:") }
        #expect(fromElsewhere.isEmpty)
    }

    @Test func everyDeclaredSettingIsRead() throws {
        let read = Set(try load().effective.map(\.name))
        let declared = Set(Settings.reference.map(\.name))
        #expect(
            declared.subtracting(read) == ["clients.local.rotation.after", "clients.local.rotation.after_fraction"]
        )
        #expect(read.isSubset(of: declared))
    }

    @Test func theSummaryNamesEveryValueAndWhereItCameFrom() throws {
        let configuration = try load(
            "issuer: here\n",
            environment: ["MINTMARK_TOKENS_LEEWAY": "1m"],
            arguments: ConfigurationArguments(threads: "3")
        )
        let lines = configuration.summary.split(separator: "\n")
        #expect(lines.contains("issuer: here  # m.yaml:1:9"))
        #expect(lines.contains("  leeway: 1m  # environment variable MINTMARK_TOKENS_LEEWAY"))
        #expect(lines.contains("threads: 3  # flag --threads"))
        #expect(lines.contains("  max: 2000000  # default"))
        #expect(lines.contains("listen: [127.0.0.1:7420]  # default"))
        #expect(lines.contains("# unix: none  # default"))
        #expect(lines.contains("    sessions_per_subject:"))
    }

    @Test(arguments: [
        "{}",
        "issuer: null-island\nlisten: []\nunix: /run/a b#c.sock\n",
        "issuer: \"- \\\"quoted\\\\ \"\nclients: {local: {rotation: {after_fraction: 0.7}, grace: {streak: 3}}}\n",
        """
        clients:
          web: {identities: {user_ids: [1, 2]}, permissions: {subjects: ["*"], claims: ["a,b", "c d", any]}}
          job-1: {identities: {certificates: ["URI:spiffe://mesh/job"]}, rates: {sign: 1/s burst 9}}
        """,
        "issuer: \"null\"\nclients: {local: {rotation: {after: 24h}, sessions_per_subject: {max: 5}}}\n",
        "issuer: \"https://a.example:8080/:\"\ntokens: {signing_key_passphrase_file: none}\n",
    ])
    func theSummaryIsAFileThatSetsTheSame(text: String) throws {
        let configuration = try load(text)
        let again = try load(configuration.summary)
        #expect(again.effective.map(\.name) == configuration.effective.map(\.name))
        #expect(again.effective.map(\.value) == configuration.effective.map(\.value))
        #expect(again.effective.map(\.yaml) == configuration.effective.map(\.yaml))
    }

    @Test func theSummaryForProgramsSaysTheSame() throws {
        let configuration = try load("issuer: \"a \\\"b\\\"\"\n", environment: ["MINTMARK_THREADS": "3"])
        let document = try JSONSerialization.jsonObject(with: Data(configuration.summaryAsJSON.utf8)) as? [String: Any]
        let settings = try #require(document?["settings"] as? [[String: Any]])
        #expect(settings.map { $0["name"] as? String } == configuration.effective.map(\.name))
        #expect(settings.map { $0["value"] as? String } == configuration.effective.map(\.value))
        let issuer = try #require(settings.first { $0["name"] as? String == "issuer" })
        #expect(issuer["file"] as? String == "m.yaml" && issuer["line"] as? Int == 1 && issuer["column"] as? Int == 9)
        let threads = try #require(settings.first { $0["name"] as? String == "threads" })
        #expect(threads["origin"] as? String == "environment variable MINTMARK_THREADS" && threads["file"] == nil)
    }

    @Test(arguments: ["{}\n", "# nothing\n{}\n", "---\n{}\n", "limits: {}\nclients: {local: {grace: {}}}\n"])
    func aFileMaySetNothing(text: String) throws {
        let configuration = try load(text)
        #expect(configuration.effective.allSatisfy { $0.origin == .builtIn })
    }

    @Test(arguments: [
        (["STATE_DIRECTORY": "/a:/b", "XDG_STATE_HOME": "/c", "HOME": "/d"], "/a"),
        (["STATE_DIRECTORY": "", "XDG_STATE_HOME": "/c", "HOME": "/d"], "/c/mintmark"),
        (["XDG_STATE_HOME": "relative", "HOME": "/d"], "/d/.local/state/mintmark"),
        (["HOME": "/d"], "/d/.local/state/mintmark"),
        (["HOME": "/d", "MINTMARK_DATA_DIRECTORY": "/e"], "/e"),
    ])
    func theDataDirectoryHasAPlaceByDefault(environment: [String: String], directory: String) throws {
        let configuration = try Configuration.load(
            arguments: ConfigurationArguments(),
            environment: environment,
            readFile: { _ throws(ConfigurationFileError) in [] },
            processors: 1
        )
        #expect(configuration.dataDirectory == directory)
        #expect(configuration.sessions.masterKeyFile == directory + "/master.key")
    }

    @Test(arguments: [(0, 1), (1, 1), (2, 2), (256, 256), (257, 256)])
    func thereAreAsManyThreadsAsProcessorsWithinTheRange(processors: Int, threads: Int) throws {
        let configuration = try Configuration.load(
            arguments: ConfigurationArguments(),
            environment: ["HOME": "/home/m"],
            readFile: { _ throws(ConfigurationFileError) in [] },
            processors: processors
        )
        #expect(configuration.threads == threads)
    }
}
