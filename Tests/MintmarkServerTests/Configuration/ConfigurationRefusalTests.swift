import Testing

@testable import MintmarkServer

@Suite("Refusing a configuration")
struct ConfigurationRefusalTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let yaml: String
        let faults: [String]

        init(_ name: String, _ yaml: String, _ faults: String...) {
            self.name = name
            self.yaml = yaml
            self.faults = faults
        }

        var testDescription: String { name }
    }

    @Test(arguments: [
        Row("misspelt", "isuer: a\n", "m.yaml:1:1: unknown setting 'isuer'; did you mean 'issuer'?"),
        Row(
            "swapped letters",
            "tokens:\n  leewya: 30s\n",
            "m.yaml:2:3: unknown setting 'leewya' in tokens; did you mean 'leeway'?"
        ),
        Row(
            "in the wrong place",
            "frame_length: 64KiB\n",
            "m.yaml:1:1: unknown setting 'frame_length'; did you mean 'limits.frame_length'?"
        ),
        Row(
            "written as in a variable",
            "tls_listen: [a]\n",
            "m.yaml:1:1: unknown setting 'tls_listen'; did you mean 'tls.listen'?"
        ),
        Row(
            "nothing like it",
            "clients:\n  local:\n    grace: {colour: red}\n",
            "m.yaml:3:13: unknown setting 'colour' in clients.local.grace"
        ),
        Row(
            "with dots",
            "limits.frame_length: 64KiB\n",
            "m.yaml:1:1: 'limits.frame_length' is written with a level for each dot: limits: {frame_length: …}"
        ),
        Row("merge key", "<<: {}\n", "m.yaml:1:1: unknown setting '<<'"),
        Row(
            "escaped in the message",
            "\"a\\u0007b\": 1\n",
            "m.yaml:1:1: unknown setting 'a\\u{07}b'"
        ),
        Row(
            "a client without identities",
            "clients:\n  web: {rotation: never}\n",
            "m.yaml:2:3: client 'web' can never call: it has no identities " + noIdentities("web")
        ),
    ])
    func unknownKeys(row: Row) {
        #expect(faults(row.yaml) == row.faults)
    }

    @Test(arguments: [
        Row("key", "threads: 1\nissuer: a\nthreads: 2\n", "m.yaml:3:1: 'threads' occurs twice, first on line 1"),
        Row(
            "quoted",
            "limits: {in_flight: 1, \"in_flight\": 2}\n",
            "m.yaml:1:24: 'in_flight' occurs twice, first on line 1"
        ),
        Row(
            "address",
            "listen: [127.0.0.1:1, localhost:1]\n",
            "m.yaml:1:23: listen: 127.0.0.1:1 occurs twice"
        ),
    ])
    func duplicates(row: Row) {
        #expect(faults(row.yaml) == row.faults)
    }

    @Test(arguments: [
        Row(
            "text for a number",
            "threads: many\n",
            "m.yaml:1:10: threads: expected a whole number from 1 to 256, found 'many'"
        ),
        Row(
            "quoted number",
            "threads: \"4\"\n",
            "m.yaml:1:10: threads: expected a whole number from 1 to 256, found the quoted text '4'"
        ),
        Row(
            "signed number",
            "threads: +4\n",
            "m.yaml:1:10: threads: expected a whole number from 1 to 256, found '+4'"
        ),
        Row(
            "decimal number",
            "threads: 4.0\n",
            "m.yaml:1:10: threads: expected a whole number from 1 to 256, found '4.0'"
        ),
        Row(
            "list for a number",
            "threads: [4]\n",
            "m.yaml:1:10: threads: expected a whole number from 1 to 256, found a list"
        ),
        Row(
            "mapping for text",
            "issuer: {a: b}\n",
            "m.yaml:1:9: issuer: expected text of 1 to 256 bytes without control characters, found a mapping"
        ),
        Row(
            "nothing for text",
            "issuer:\n",
            "m.yaml:1:8: issuer: expected text of 1 to 256 bytes without control characters, found nothing"
        ),
        Row(
            "null for text",
            "issuer: null\n",
            "m.yaml:1:9: issuer: expected text of 1 to 256 bytes without control characters, found nothing"
        ),
        Row(
            "word for a mapping",
            "admin: off\n",
            "m.yaml:1:8: admin: expected a mapping, with keys such as 'listen', found 'off'"
        ),
        Row(
            "beginning of a setting",
            "data_dir: /x\n",
            "m.yaml:1:1: unknown setting 'data_dir'; did you mean 'data_directory'?"
        ),
        Row(
            "nothing for a mapping",
            "clients:\n  local:\n",
            "m.yaml:2:9: clients.local: expected a mapping, with keys such as 'rotation', found nothing"
        ),
        Row(
            "text for a list",
            "listen: 127.0.0.1:1\n",
            "m.yaml:1:9: listen: expected a list such as [127.0.0.1:7420], found '127.0.0.1:1'"
        ),
        Row(
            "home directory",
            "data_directory: ~/mintmark\n",
            "m.yaml:1:17: data_directory: '~/mintmark' begins with ~, which only a shell replaces"
        ),
        Row(
            "duration without unit",
            "tokens: {leeway: 30}\n",
            "m.yaml:1:18: tokens.leeway: expected a duration from 0s to 5m in whole seconds, such as 30s or 5m, "
                + "found '30'"
        ),
        Row(
            "unknown choice",
            "clients:\n  local:\n    context: deny\n",
            "m.yaml:3:14: clients.local.context: expected one of ignore, rotate, refuse, found 'deny'"
        ),
        Row(
            "duration that is too long",
            "limits: {queue_time: 2m}\n",
            "m.yaml:1:22: limits.queue_time: expected a duration from 1ms to 1m, such as 500ms or 30s, found '2m'"
        ),
        Row(
            "size that is too small",
            "limits: {frame_length: 1KiB}\n",
            "m.yaml:1:24: limits.frame_length: expected a size from 16KiB to 1MiB, such as 64KiB, found '1KiB'"
        ),
        Row("list for the file", "- threads\n", "m.yaml:1:1: expected settings as NAME: VALUE, found a list"),
        Row(
            "URL with a password",
            "issuer: https://me:hunter2@a.example/x\n",
            "m.yaml:1:9: issuer: a URL with a password in it, which every token would tell; leave out what stands before @"
        ),
        Row(
            "key given for a file",
            "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIHunter2\n-----END PRIVATE KEY-----\n",
            "m.yaml:1:1: expected settings as NAME: VALUE, found other text"
        ),
        Row("text for the file", "threads\n", "m.yaml:1:1: expected settings as NAME: VALUE, found other text"),
    ])
    func wrongTypes(row: Row) {
        #expect(faults(row.yaml) == row.faults)
    }

    @Test(arguments: [
        Row(
            "grace above a tenth of the TTL",
            "clients:\n  local:\n    access_token_ttl: 60s\n    grace: {window: 7s}\n",
            "m.yaml:4:21: clients.local: grace.window 7s is more than a tenth of access_token_ttl 1m; it can be at most 6s"
        ),
        Row(
            "TTL too short for the default grace",
            "clients:\n  local:\n    access_token_ttl: 60s\n",
            "m.yaml:3:23: clients.local: grace.window 10s is more than a tenth of access_token_ttl 1m; it can be at most 6s"
        ),
        Row(
            "idle above absolute",
            "clients:\n  local:\n    idle: 366d\n",
            "m.yaml:3:11: clients.local: idle 366d is longer than absolute 365d"
        ),
        Row(
            "absolute below the default idle",
            "clients:\n  local:\n    absolute: 29d\n",
            "m.yaml:3:15: clients.local: idle 30d is longer than absolute 29d"
        ),
        Row(
            "TTL above absolute",
            "clients:\n  local:\n    idle: 1m\n    access_token_ttl: 101s\n    absolute: 100s\n",
            "m.yaml:4:23: clients.local: access_token_ttl 101s is longer than absolute 100s"
        ),
        Row(
            "rotation after the end",
            "clients:\n  local:\n    rotation: {after: 366d}\n",
            "m.yaml:3:15: clients.local: rotation after 366d never happens, as sessions end after absolute 365d; "
                + "write never if that is meant"
        ),
        Row(
            "a choice for a limit that is not there",
            "clients:\n  local:\n    sessions_per_subject: {when_full: reject}\n",
            "m.yaml:3:39: clients.local.sessions_per_subject.when_full: there is no limit to reach; set max beside it"
        ),
        Row(
            "nobody can call",
            "listen: []\n",
            "m.yaml:1:9: listen: an empty list, and neither a unix socket nor tls.listen: nobody could call"
        ),
    ])
    func impossibleCombinations(row: Row) {
        #expect(faults(row.yaml) == row.faults)
    }

    @Test func noFaultFollowsFromAnother() {
        let yaml = """
            clients:
              local:
                access_token_ttl: 1
                idle: 400d
                absolute: forever
                sessions_per_subject: {max: 0, when_full: reject}
            """
        #expect(faults(yaml).count == 3)
    }

    @Test func allFaultsAreReportedAtOnceInOrder() {
        let yaml = """
            threads: 0
            colour: red
            limits:
              in_flight: 0
              in_flight: 1
            listen: [127.0.0.1:1, 0.0.0.0:1, nowhere]
            clients:
              local: {rotation: sometimes}
              web: {}
            """
        let environment = ["MINTMARK_UNIX": "", "MINTMARK_COLOUR": "red"]
        let arguments = ConfigurationArguments(threads: "257")
        let error = #expect(throws: ConfigurationErrors.self) {
            try load(yaml, environment: environment, arguments: arguments)
        }
        #expect(
            error?.faults.map(\.origin.description) == [
                "m.yaml:1:10", "m.yaml:2:1", "m.yaml:4:14", "m.yaml:5:3", "m.yaml:6:34", "m.yaml:8:21",
                "m.yaml:9:3", "environment variable MINTMARK_COLOUR", "environment variable MINTMARK_UNIX",
                "flag --threads",
            ]
        )
    }

    @Test func aFileThatCannotBeReadIsOneFault() {
        let arguments = ConfigurationArguments(config: "absent.yaml")
        #expect(faults(arguments: arguments) == ["flag --config: cannot read 'absent.yaml': No such file or directory"])
        let environment = ["MINTMARK_CONFIG": "absent.yaml"]
        #expect(
            faults(environment: environment)
                == ["environment variable MINTMARK_CONFIG: cannot read 'absent.yaml': No such file or directory"]
        )
    }

    @Test func withoutAHomeTheDataDirectoryMustBeSet() {
        #expect(
            throws: ConfigurationErrors([
                ConfigurationFault(
                    origin: .builtIn,
                    message: "data_directory: must be set, as $STATE_DIRECTORY, $XDG_STATE_HOME and $HOME are not"
                )
            ])
        ) {
            try Configuration.load(
                arguments: ConfigurationArguments(),
                environment: [:],
                readFile: { _ throws(ConfigurationFileError) in [] },
                processors: 1
            )
        }
    }
}
