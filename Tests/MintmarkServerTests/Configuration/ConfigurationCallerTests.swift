import MintmarkCrypto
import MintmarkEngine
import Testing

@testable import MintmarkServer

@Suite("Clients in the configuration")
struct ConfigurationCallerTests {
    private static let key = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"

    @Test func withoutClientsEverybodyIsLocal() throws {
        let configuration = try load()
        #expect(configuration.clients.keys.sorted() == ["local"])
        let everybody = try #require(configuration.everybody)
        #expect(everybody.permissions == Permissions(isAdministrator: true))
        let strict = try load("clients: {local: {permissions: {admin: false}}}")
        #expect(strict.everybody?.permissions == Permissions(isAdministrator: false))
    }

    @Test func clientsAreReadWithTheirOwnPolicies() throws {
        let configuration = try load(
            """
            clients:
              web:
                identities: {user_ids: [33], certificates: ["DNS:Web.Example", "URI:spiffe://mesh/web"]}
                access_token_ttl: 2m
              job-1b_C: {identities: {public_keys: [\(Self.key)]}, rotation: never}
            """
        )
        #expect(configuration.everybody == nil)
        #expect(configuration.clients.keys.sorted() == ["job-1b_C", "web"])
        let web = try #require(configuration.clients["web"])
        #expect(web.identities.userIDs == [33])
        #expect(web.identities.certificates.map(\.description) == ["DNS:web.example", "URI:spiffe://mesh/web"])
        #expect(web.accessTokenTTL == .seconds(120))
        #expect(web.permissions == Permissions(isAdministrator: false))
        let job = try #require(configuration.clients["job-1b_C"])
        #expect(job.rotation == .never)
        #expect(job.accessTokenTTL == .seconds(300))
        #expect(job.identities.publicKeys.map(\.text) == [Self.key])
    }

    @Test func localWithIdentitiesIsAClientLikeAnyOther() throws {
        let configuration = try load("clients: {local: {identities: {user_ids: [0]}}}")
        #expect(configuration.everybody == nil)
        #expect(configuration.clients["local"]?.permissions.isAdministrator == false)
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let what: String
        let yaml: String
        let faults: [String]

        var testDescription: String { what }
    }

    @Test(arguments: [
        Row(
            what: "a user id twice",
            yaml: """
                clients:
                  a: {identities: {user_ids: [7, 8]}}
                  b:
                    identities:
                      user_ids: [9, 8]
                """,
            faults: ["m.yaml:5:21: clients.b.identities.user_ids: '8' is client 'a'"]
        ),
        Row(
            what: "a user id twice, in other digits",
            yaml: """
                clients:
                  a: {identities: {user_ids: [0]}}
                  b: {identities: {user_ids: [000]}}
                """,
            faults: ["m.yaml:3:31: clients.b.identities.user_ids: '000' is client 'a'"]
        ),
        Row(
            what: "more at once than the clock can tell apart",
            yaml: "clients: {a: {identities: {user_ids: [1]}, rates: {sign: 100000/s burst 99}}}",
            faults: [
                "m.yaml:1:58: clients.a.rates.sign: '100000/s burst 99' needs a burst of at least 100: what comes in a "
                    + "millisecond at this rate"
            ]
        ),
        Row(
            what: "a key twice",
            yaml: """
                clients:
                  a: {identities: {public_keys: [\(key)]}}
                  b: {identities: {public_keys: [\(key)]}}
                """,
            faults: ["m.yaml:3:34: clients.b.identities.public_keys: '\(key)' is client 'a'"]
        ),
        Row(
            what: "a DNS name twice, in other letters",
            yaml: """
                clients:
                  a: {identities: {certificates: ["DNS:web.example"]}}
                  b: {identities: {certificates: ["DNS:WEB.example"]}}
                """,
            faults: ["m.yaml:3:35: clients.b.identities.certificates: 'DNS:WEB.example' is client 'a'"]
        ),
        Row(
            what: "the overflow user id",
            yaml: "clients: {a: {identities: {user_ids: [65534]}}}",
            faults: [
                "m.yaml:1:39: clients.a.identities.user_ids: '65534' is the number that the kernel shows for every user "
                    + "it has none for"
            ]
        ),
        Row(
            what: "the user id that means none",
            yaml: "clients: {a: {identities: {user_ids: [4294967295]}}}",
            faults: [
                "m.yaml:1:39: clients.a.identities.user_ids: expected a user's number from 0 to 4294967294, found "
                    + "'4294967295'"
            ]
        ),
        Row(
            what: "a key of 31 bytes",
            yaml: "clients: {a: {identities: {public_keys: [11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHUA]}}}",
            faults: [
                "m.yaml:1:42: clients.a.identities.public_keys: expected an Ed25519 public key, 43 characters of "
                    + "base64url, found '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHUA'"
            ]
        ),
        Row(
            what: "a point of small order",
            yaml: "clients: {a: {identities: {public_keys: [AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA]}}}",
            faults: [
                "m.yaml:1:42: clients.a.identities.public_keys: 'AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' is no key "
                    + "that Ed25519 could have made: is a letter of it mistyped?"
            ]
        ),
        Row(
            what: "a certificate name without its kind",
            yaml: "clients: {a: {identities: {certificates: [web.example]}}}",
            faults: [
                "m.yaml:1:43: clients.a.identities.certificates: expected a name such as URI:spiffe://mesh/web or "
                    + "DNS:web.example, found 'web.example'"
            ]
        ),
        Row(
            what: "no identities",
            yaml: "clients:\n  a: {identities: {user_ids: []}}\n",
            faults: ["m.yaml:2:3: client 'a' can never call: it has no identities " + noIdentities("a")]
        ),
        Row(
            what: "identities under a mistyped name, which is all that is wrong",
            yaml: "clients:\n  a: {identities: {user_id: [1]}}\n",
            faults: ["m.yaml:2:20: unknown setting 'user_id' in clients.a.identities; did you mean 'user_ids'?"]
        ),
        Row(
            what: "identities mistyped themselves",
            yaml: "clients:\n  a: {identites: {user_ids: [1]}}\n",
            faults: ["m.yaml:2:7: unknown setting 'identites' in clients.a; did you mean 'identities'?"]
        ),
        Row(
            what: "a key whose last letter says more than 32 bytes",
            yaml: "clients: {a: {identities: {public_keys: [11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURp]}}}",
            faults: [
                "m.yaml:1:42: clients.a.identities.public_keys: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURp' is no "
                    + "base64url of 32 bytes: is a letter of it mistyped?"
            ]
        ),
        Row(
            what: "local beside another client",
            yaml: "clients:\n  a: {identities: {user_ids: [1]}}\n  local: {rotation: never}\n",
            faults: ["m.yaml:3:3: client 'local' can never call: it has no identities " + noIdentities("local")]
        ),
        Row(
            what: "an id with a dot",
            yaml: "clients: {a.b: {identities: {user_ids: [1]}}}",
            faults: ["m.yaml:1:11: client 'a.b': expected an id of 1 to 64 letters, digits, '-' and '_'"]
        ),
        Row(
            what: "an id with a space",
            yaml: "clients: {\"a b\": {identities: {user_ids: [1]}}}",
            faults: ["m.yaml:1:11: client 'a b': expected an id of 1 to 64 letters, digits, '-' and '_'"]
        ),
        Row(
            what: "an unknown setting of a client",
            yaml: "clients: {a: {identities: {user_ids: [1]}, permisions: {}}}",
            faults: ["m.yaml:1:44: unknown setting 'permisions' in clients.a; did you mean 'permissions'?"]
        ),
        Row(
            what: "a list where a mapping belongs",
            yaml: "clients: {a: [1]}",
            faults: [
                "m.yaml:1:11: client 'a' can never call: it has no identities " + noIdentities("a"),
                "m.yaml:1:14: clients.a: expected a mapping, with keys such as 'rotation', found a list",
            ]
        ),
        Row(
            what: "an operation there is not",
            yaml: "clients: {local: {permissions: {operations: [sign, force_rotation]}}}",
            faults: [
                "m.yaml:1:52: clients.local.permissions.operations: expected one of sign, verify, open, refresh, revoke, "
                    + "introspect, keys, stats, found 'force_rotation'"
            ]
        ),
        Row(
            what: "a word that is not any",
            yaml: "clients: {local: {permissions: {audiences: all}}}",
            faults: [
                "m.yaml:1:44: clients.local.permissions.audiences: expected any or a list, found 'all'"
            ]
        ),
    ])
    func badClientsAreRefusedWithTheirPlace(row: Row) {
        #expect(faults(row.yaml) == row.faults)
    }

    @Test(arguments: [("0", 63, true), ("a", 64, true), ("a", 65, false)])
    func idsHaveABound(character: String, count: Int, isAccepted: Bool) {
        let id = String(repeating: character, count: count)
        #expect(faults("clients: {\"\(id)\": {identities: {user_ids: [1]}}}").isEmpty == isAccepted)
    }

    @Test(arguments: [(1_023, true), (1_024, true), (1_025, false)])
    func clientsHaveABound(count: Int, isAccepted: Bool) {
        let clients = (0..<count).map { "  c\($0): {identities: {user_ids: [\($0)]}}\n" }.joined()
        let faults = faults("clients:\n\(clients)")
        #expect(faults.isEmpty == isAccepted)
        if !isAccepted { #expect(faults == ["m.yaml:1026:3: clients: more than 1024"]) }
    }

    @Test func restrictionsAreTakenFromTheEnvironment() throws {
        let any = try load(environment: ["MINTMARK_CLIENTS_LOCAL_PERMISSIONS_AUDIENCES": "any"])
        #expect(any.everybody?.permissions == Permissions(isAdministrator: true))
        let some = try load(environment: ["MINTMARK_CLIENTS_LOCAL_PERMISSIONS_AUDIENCES": "api,files"])
        #expect(
            some.everybody?.permissions
                == Permissions(operations: .all, isAdministrator: true, audiences: ["api", "files"])
        )
    }

    @Test(arguments: ["100000/s burst 100", "1000/s burst 1", "1001/s burst 2", "1000000/h burst 1"])
    func aBurstOfAMillisecondIsEnough(rate: String) {
        #expect(faults("clients: {a: {identities: {user_ids: [1]}, rates: {sign: \(rate)}}}").isEmpty)
    }

    /// AUTH verifies with each of them for whoever says that it is this client.
    @Test(arguments: [-1, 0, 1])
    func keysOfAClientAreBounded(excess: Int) {
        let most = Settings.Client.publicKeyCountMax
        let keys = (0..<most + excess).map { _ in
            PublicKeyText(Ed25519SigningKey(random: SystemRandom()).publicKey).text
        }
        let lines = faults("clients: {a: {identities: {public_keys: [\(keys.joined(separator: ", "))]}}}")
        let reason = "clients.a.identities.public_keys: expected at most \(most) items, found \(most + excess)"
        #expect(lines.map { $0.hasSuffix(reason) } == (excess > 0 ? [true] : []))
        #expect(Settings.Client(id: "a").publicKeys.description.meaning.contains("at most \(most)"))
    }
}
