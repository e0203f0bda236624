import Testing

@testable import MintmarkServer

@Suite("Flags, environment, file, defaults")
struct ConfigurationPrecedenceTests {
    @Test func theStrongestSourceDecides() throws {
        let yaml = "issuer: file\nthreads: 1\ndata_directory: /file\nunix: /file.sock\n"
        let environment = [
            "MINTMARK_ISSUER": "environment", "MINTMARK_THREADS": "2", "MINTMARK_DATA_DIRECTORY": "/environment",
        ]
        let arguments = ConfigurationArguments(issuer: "flag", threads: "3")
        let configuration = try load(yaml, environment: environment, arguments: arguments)
        #expect(configuration.issuer == "flag")
        #expect(configuration.threads == 3)
        #expect(configuration.dataDirectory == "/environment")
        #expect(configuration.unix == "/file.sock")
        #expect(configuration.readyFile == nil)
    }

    @Test func everyFlagSetsItsSetting() throws {
        let arguments = ConfigurationArguments(
            listen: ["localhost:1", "[::1]:2"],
            insecureListeners: "allow",
            unix: "/u.sock",
            dataDirectory: "/d",
            issuer: "i",
            threads: "7",
            readyFile: "/r"
        )
        let configuration = try load(arguments: arguments)
        #expect(configuration.listen.map(\.description) == ["127.0.0.1:1", "[::1]:2"])
        let flags = configuration.effective.compactMap { setting -> String? in
            guard case .flag(let name) = setting.origin else { return nil }
            return "\(name) \(setting.value)"
        }
        #expect(
            flags == [
                "--listen [127.0.0.1:1, [::1]:2]", "--unix /u.sock", "--insecure-listeners allow", "--threads 7",
                "--data-dir /d", "--issuer i",
                "--ready-file /r",
            ]
        )
    }

    @Test func theConfigFlagIsStrongerThanItsVariable() {
        let arguments = ConfigurationArguments(config: "other.yaml")
        #expect(
            faults("threads: 0\n", arguments: arguments)
                == ["flag --config: cannot read 'other.yaml': No such file or directory"]
        )
    }

    @Test func everySettingHasItsVariable() throws {
        let values = [
            "MINTMARK_INSECURE_LISTENERS": "allow", "MINTMARK_TLS_LISTEN": "localhost:3,localhost:4",
            "MINTMARK_TLS_CERTIFICATE": "/s", "MINTMARK_TLS_PRIVATE_KEY": "/t", "MINTMARK_TLS_CLIENT_CA": "/c",
            "MINTMARK_TLS_CLIENT_CERTIFICATES": "optional",
            "MINTMARK_LISTEN": "localhost:1,[::1]:2", "MINTMARK_UNIX": "/u", "MINTMARK_THREADS": "9",
            "MINTMARK_DATA_DIRECTORY": "/d", "MINTMARK_ISSUER": "i", "MINTMARK_READY_FILE": "/r",
            "MINTMARK_LIMITS_FRAME_LENGTH": "16KiB", "MINTMARK_LIMITS_IN_FLIGHT": "1",
            "MINTMARK_LIMITS_CONNECTIONS": "1",
            "MINTMARK_LIMITS_HANDSHAKE_TIMEOUT": "1s", "MINTMARK_LIMITS_FRAME_TIMEOUT": "1s",
            "MINTMARK_LIMITS_WRITE_TIMEOUT": "1s", "MINTMARK_LIMITS_SHUTDOWN_TIMEOUT": "1s",
            "MINTMARK_AUDIT_FILE": "/a", "MINTMARK_LOG_LEVEL": "trace", "MINTMARK_LOG_FORMAT": "text",
            "MINTMARK_LIMITS_MEMORY": "2MiB", "MINTMARK_LIMITS_QUEUE_TIME": "20ms",
            "MINTMARK_TOKENS_TYPE": "JWT",
            "MINTMARK_TOKENS_ALGORITHM": "Ed25519", "MINTMARK_TOKENS_LEEWAY": "1s", "MINTMARK_TOKENS_CACHE_SIZE": "1",
            "MINTMARK_TOKENS_SIGNING_KEY_FILE": "/k", "MINTMARK_TOKENS_SIGNING_KEY_PASSPHRASE_FILE": "/p",
            "MINTMARK_SESSIONS_MAX": "1", "MINTMARK_SESSIONS_CUT_OFFS_MAX": "1",
            "MINTMARK_SESSIONS_SWEEP_INTERVAL": "2s",
            "MINTMARK_SESSIONS_MASTER_KEY_FILE": "/m",
            "MINTMARK_STORAGE_DURABILITY": "interval:1s", "MINTMARK_STORAGE_SNAPSHOT_INTERVAL": "1m",
            "MINTMARK_STORAGE_SEGMENT_SIZE": "4MiB", "MINTMARK_CLIENTS_LOCAL_ROTATION": "never",
            "MINTMARK_CLIENTS_LOCAL_GRACE_WINDOW": "1s", "MINTMARK_CLIENTS_LOCAL_GRACE_USES": "1",
            "MINTMARK_CLIENTS_LOCAL_GRACE_STREAK": "1", "MINTMARK_CLIENTS_LOCAL_ACCESS_TOKEN_TTL": "1m",
            "MINTMARK_CLIENTS_LOCAL_IDLE": "1d", "MINTMARK_CLIENTS_LOCAL_ABSOLUTE": "2d",
            "MINTMARK_CLIENTS_LOCAL_CONTEXT": "refuse", "MINTMARK_CLIENTS_LOCAL_CLIENT_MISMATCH": "revoke",
            "MINTMARK_CLIENTS_LOCAL_TTL_JITTER": "5%", "MINTMARK_CLIENTS_LOCAL_SESSIONS_PER_SUBJECT_MAX": "1",
            "MINTMARK_CLIENTS_LOCAL_SESSIONS_PER_SUBJECT_WHEN_FULL": "revoke_oldest",
            "MINTMARK_CLIENTS_LOCAL_IDENTITIES_USER_IDS": "1,2",
            "MINTMARK_CLIENTS_LOCAL_IDENTITIES_CERTIFICATES": "DNS:a.example,URI:spiffe://a",
            "MINTMARK_CLIENTS_LOCAL_IDENTITIES_PUBLIC_KEYS": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
            "MINTMARK_CLIENTS_LOCAL_PERMISSIONS_OPERATIONS": "sign,verify",
            "MINTMARK_CLIENTS_LOCAL_PERMISSIONS_ADMIN": "true", "MINTMARK_CLIENTS_LOCAL_PERMISSIONS_SUBJECTS": "a*",
            "MINTMARK_CLIENTS_LOCAL_PERMISSIONS_AUDIENCES": "any", "MINTMARK_CLIENTS_LOCAL_PERMISSIONS_SCOPES": "a,b",
            "MINTMARK_CLIENTS_LOCAL_PERMISSIONS_CLAIMS": "a", "MINTMARK_CLIENTS_LOCAL_RATES_SIGN": "1/s",
            "MINTMARK_CLIENTS_LOCAL_RATES_VERIFY": "1/s", "MINTMARK_CLIENTS_LOCAL_RATES_OPEN": "1/s",
            "MINTMARK_CLIENTS_LOCAL_RATES_REFRESH": "1/s", "MINTMARK_CLIENTS_LOCAL_RATES_REVOKE": "1/s",
            "MINTMARK_CLIENTS_LOCAL_RATES_INTROSPECT": "1/s", "MINTMARK_CLIENTS_LOCAL_RATES_KEYS": "1/s",
            "MINTMARK_CLIENTS_LOCAL_RATES_STATS": "1/s", "MINTMARK_CLIENTS_LOCAL_RATES_ADMIN": "1/s",
            "MINTMARK_KEYS_DIRECTORY": "/y", "MINTMARK_KEYS_PASSPHRASE_FILE": "/z", "MINTMARK_KEYS_ROTATION": "7d",
            "MINTMARK_KEYS_JWKS_CACHE": "5m",
            "MINTMARK_ADMIN_LISTEN": "off", "MINTMARK_ADMIN_REMOTE": "allow", "MINTMARK_ADMIN_HOSTS": "a,b",
            "MINTMARK_ADMIN_AUTHZ_LISTEN": "192.0.2.1:1", "MINTMARK_ADMIN_AUTHZ_CLIENT": "local",
            "MINTMARK_ADMIN_AUTHZ_AUDIENCES": "a", "MINTMARK_ADMIN_AUTHZ_ISSUERS": "a",
            "MINTMARK_ADMIN_AUTHZ_SCOPES": "a",
        ]
        let configuration = try load(environment: values)
        let names = configuration.effective.compactMap { setting -> String? in
            guard case .environment(let name) = setting.origin else { return nil }
            return name
        }
        #expect(Set(names) == Set(values.keys))
        let others = Settings.reference.map(\.environmentName).filter { values[$0] == nil }
        // A list of mappings has its place in the file only; a rotation is one or the other.
        #expect(
            others == [
                "MINTMARK_TRUSTED_ISSUERS", "MINTMARK_CLIENTS_LOCAL_ROTATION_AFTER",
                "MINTMARK_CLIENTS_LOCAL_ROTATION_AFTER_FRACTION",
            ]
        )
    }

    @Test func sourcesMeetInsideAGroup() throws {
        let yaml = "clients: {local: {grace: {window: 1s, uses: 2}}}"
        let configuration = try load(yaml, environment: ["MINTMARK_CLIENTS_LOCAL_GRACE_USES": "3"])
        let grace = configuration.clients["local"]?.grace
        #expect(grace == Configuration.Client.Grace(window: .seconds(1), uses: 3, streak: nil))
    }

    @Test func rotationIsReplacedAsAWhole() throws {
        let yaml = "clients: {local: {rotation: {after_fraction: 0.7}}}"
        let configuration = try load(yaml, environment: ["MINTMARK_CLIENTS_LOCAL_ROTATION_AFTER": "1h"])
        #expect(configuration.clients["local"]?.rotation == .after(.seconds(3600)))
    }

    @Test func aWrongValueIsReportedAlsoWhereItIsOverridden() {
        #expect(
            faults("threads: 0\n", arguments: ConfigurationArguments(threads: "1"))
                == ["m.yaml:1:10: threads: expected a whole number from 1 to 256, found '0'"]
        )
    }

    @Test(arguments: [
        ("MINTMARK_THREDS", "names no setting; did you mean 'MINTMARK_THREADS'?"),
        ("MINTMARK_FRAME_LENGTH", "names no setting; did you mean 'MINTMARK_LIMITS_FRAME_LENGTH'?"),
        ("MINTMARK_COLOUR", "names no setting"),
        ("MINTMARK_", "names no setting"),
        ("MINTMARK_CLIENTS_WEB_CONTEXT", "names no setting; did you mean 'MINTMARK_CLIENTS_LOCAL_CONTEXT'?"),
    ])
    func unknownVariablesAreRefused(name: String, message: String) {
        #expect(faults(environment: [name: "1"]) == ["environment variable \(name): \(message)"])
    }

    @Test func otherVariablesAndServiceLinksAreIgnored() throws {
        let environment = [
            "MINTMARKS": "1", "mintmark_threads": "0", "PATH": "/bin", "MINTMARK_PORT": "tcp://10.0.0.1:7420",
            "MINTMARK_PORT_7420_TCP_ADDR": "10.0.0.1", "MINTMARK_SERVICE_HOST": "10.0.0.1",
            "MINTMARK_SERVICE_PORT": "7420",
            "MINTMARK_SERVICE_PORT_TOKENS": "7420",
            // What clients are told in the same shell.
            "MINTMARK_SERVER": "h:1", "MINTMARK_TLS": "h:2", "MINTMARK_CA": "a.pem", "MINTMARK_CERT": "c.pem",
            "MINTMARK_KEY": "k.pem", "MINTMARK_CLIENT": "web", "MINTMARK_CLIENT_KEY": "web.key",
        ]
        #expect(
            try load(environment: environment).effective.allSatisfy {
                $0.origin == .builtIn || $0.name == "data_directory"
            }
        )
    }

    @Test func variablesThatExcludeOneAnotherAreRefused() {
        let both = ["MINTMARK_CLIENTS_LOCAL_ROTATION": "always", "MINTMARK_CLIENTS_LOCAL_ROTATION_AFTER": "1h"]
        #expect(
            faults(environment: both) == [
                "environment variable MINTMARK_CLIENTS_LOCAL_ROTATION_AFTER: another environment variable sets "
                    + "clients.local.rotation already"
            ]
        )
        let mappings = [
            "MINTMARK_CLIENTS_LOCAL_ROTATION_AFTER": "1h", "MINTMARK_CLIENTS_LOCAL_ROTATION_AFTER_FRACTION": "0.5",
        ]
        #expect(
            faults(environment: mappings) == [
                "environment variable MINTMARK_CLIENTS_LOCAL_ROTATION_AFTER_FRACTION: clients.local.rotation: after and "
                    + "after_fraction exclude one another"
            ]
        )
    }

    @Test func anEmptyVariableIsAValue() {
        #expect(
            faults(environment: ["MINTMARK_UNIX": ""]) == [
                "environment variable MINTMARK_UNIX: unix: expected a path of 1 to 107 bytes without control characters, "
                    + "found ''"
            ]
        )
        #expect(
            faults(environment: ["MINTMARK_LISTEN": ""]) == [
                "environment variable MINTMARK_LISTEN: listen: an empty list, and neither a unix socket "
                    + "nor tls.listen: nobody could call"
            ]
        )
    }

    @Test func faultsOfFlagsNameTheFlag() {
        #expect(
            faults(arguments: ConfigurationArguments(listen: ["localhost"])) == [
                "flag --listen: listen: expected HOST:PORT such as 127.0.0.1:7420, [::1]:7420 or localhost:0, "
                    + "found 'localhost'"
            ]
        )
    }
}
