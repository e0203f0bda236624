import Foundation
import MintmarkClient
import MintmarkTestSupport
import MintmarkWire
import Testing

@testable import MintmarkCommand

@Suite("Commands about keys")
struct KeysTests {
    private func sent<Request: WireRequest>(_ type: Request.Type, _ arguments: [String]) async throws -> Request {
        try await withFakeServer(answering) { server in
            let completion = try await complete(arguments + ["--server", server.endpoint.description])
            #expect(completion.exitStatus == .done)
            var events = server.events.makeAsyncIterator()
            let request = try #require(await events.request(Request.kind))
            return try Request(decoding: request.body.span.bytes)
        }
    }

    @Test("arguments are sent")
    func arguments() async throws {
        #expect(try await sent(KeysRequest.self, ["keys"]) == KeysRequest())
        #expect(try await sent(KeysRequest.self, ["keys", "export"]) == KeysRequest())
        #expect(try await sent(KeyListRequest.self, ["keys", "export", "--pem"]) == KeyListRequest())
        #expect(try await sent(KeyListRequest.self, ["keys", "list"]) == KeyListRequest())
        #expect(try await sent(KeyPrepareRequest.self, ["keys", "prepare"]) == KeyPrepareRequest())
        #expect(try await sent(KeyActivateRequest.self, ["keys", "activate", "a"]) == KeyActivateRequest(keyID: "a"))
        #expect(
            try await sent(KeyActivateRequest.self, ["keys", "activate", "a", "--immediately"])
                == KeyActivateRequest(keyID: "a", immediately: true)
        )
        #expect(try await sent(KeyRevokeRequest.self, ["keys", "revoke", "a"]) == KeyRevokeRequest(keyID: "a"))
        #expect(
            try await sent(KeyImportRequest.self, ["keys", "import", "a.pem"]) == KeyImportRequest(keyFile: "a.pem")
        )
    }

    private static let listed =
        #"{"keys":[{"key_id":"first","state":"active","prepared_at":500,"usable_at":550,"activated_at":600},"#
        + #"{"key_id":"next","state":"prepared","prepared_at":1000,"usable_at":4600}]}"#

    @Test(
        "answers for scripts",
        arguments: [
            (["list"], listed),
            (["prepare"], #"{"key_id":"next","usable_at":4600}"#),
            (["activate", "next"], #"{"key_activated":true}"#),
            (["revoke", "first"], #"{"key_revoked":true,"signing_key_id":"next"}"#),
            (["import", "a.pem"], #"{"key_id":"next","usable_at":4600}"#),
            (["export"], #"{"keys":[]}"#),
        ] as [([String], String)]
    )
    func scripts(arguments: [String], json: String) async throws {
        let completion = try await completeServed(["keys"] + arguments + ["--json"])
        #expect(completion == Completion(.done, output: json + "\n"))
    }

    @Test("keys for people")
    func people() async throws {
        let list = try await completeServed(["keys", "list"]).output
        #expect(list.contains("key id     first"))
        #expect(list.contains("state      active"))
        #expect(!list.contains("retired"))
        // Of the prepared one alone it says from when on it may sign.
        let lines = list.split(separator: "\n")
        #expect(lines.count { $0.hasPrefix("usable ") } == 1)
        #expect(lines.last?.hasPrefix("usable ") == true)
        let pem = try await completeServed(["keys", "export", "--pem"]).output
        #expect(pem.components(separatedBy: "-----BEGIN PUBLIC KEY-----").count == 3)
        #expect(pem.contains("MCowBQYDK2VwAyEAAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="))
    }

    @Test("a key has to be named", arguments: [["activate"], ["revoke"], ["import"]])
    func usage(arguments: [String]) async throws {
        #expect(try await complete(["keys"] + arguments).exitStatus == .usage)
    }
}
