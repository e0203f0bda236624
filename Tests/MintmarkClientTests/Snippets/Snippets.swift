import MintmarkClient
import NIOConcurrencyHelpers

// The code of the documentation, between markers. MintmarkRepositoryTests compare it with the documents, word for word.

/// Somebody who keeps refresh tokens.
final class Vault: Sendable {
    private let newest = NIOLockedValueBox<(token: String, generation: UInt32)?>(nil)

    /// The token to use; empty if there is none.
    var refreshToken: String { newest.withLockedValue { $0?.token ?? "" } }

    /// Keeps a session's tokens, unless newer ones are kept.
    func keep(_ tokens: SessionTokens, generation: UInt32) {
        newest.withLockedValue { newest in
            if let newest, newest.generation > generation { return }
            newest = (token: tokens.refreshToken, generation: generation)
        }
    }
}

enum Snippets {
    static func verify(_ accessToken: String) async {
        // snippet: verify
        let configuration = MintmarkClient.Configuration(.unixSocket(path: "/tmp/mintmark.sock"))
        do {
            let verification = try await withMintmarkClient(configuration) { client in
                try await client.verify(accessToken, audience: .named("orders"))
            }
            switch verification {
            case .active(let claims): print("active:", String(decoding: claims ?? [], as: UTF8.self))
            case .inactive(let reason): print("refused:", reason)
            }
        } catch {
            print("no answer:", error)
        }
        // end
    }

    static func run(
        _ configuration: MintmarkClient.Configuration,
        _ serve: (MintmarkClient) async throws -> Void
    ) async throws {
        // snippet: run
        let client = MintmarkClient(configuration)
        try await withThrowingTaskGroup { group in
            group.addTask { await client.run() }
            try await serve(client)
            client.beginGracefulShutdown()
            try await group.waitForAll()
        }
        // end
    }

    static func lateAnswers(_ configuration: MintmarkClient.Configuration, to vault: Vault) -> MintmarkClient {
        // snippet: late-answers
        let client = MintmarkClient(configuration) { answer in
            switch answer {
            case .opened(let tokens, _):
                vault.keep(tokens, generation: 0)
            case .refreshed(let session, _):
                vault.keep(session.tokens, generation: session.generation)
            }
        }
        // end
        return client
    }

    static func errors(
        _ configuration: MintmarkClient.Configuration,
        _ report: (MintmarkError) -> Void
    ) async -> [String] {
        var revocations: [String] = []
        // snippet: errors
        await withMintmarkClient(configuration) { client in
            do throws(MintmarkError) {
                try await client.revoke(.subject("alice"))
            } catch {
                if error.isRetryable {
                    // Once more, later. Revoking twice is revoking once.
                    revocations.append("alice")
                } else {
                    // The same call would fail again: somebody must look into it.
                    report(error)
                }
            }
        }
        // end
        return revocations
    }

    static func reasons(
        _ client: MintmarkClient,
        _ accessToken: String,
        serve: () -> Void,
        refuse: (String) -> Void
    ) async throws {
        // snippet: reasons
        switch try await client.verify(accessToken, audience: .named("orders")) {
        case .active:
            serve()
        case .inactive(reason: .tokenExpired):
            refuse("refresh, and come again")
        case .inactive(let reason):
            refuse("\(reason)")
        }
        // end
    }

    static func session(_ client: MintmarkClient, _ vault: Vault) async throws {
        // snippet: session
        let opened = try await client.open(subject: "alice", audience: ["orders"])
        vault.keep(opened, generation: 0)

        let session = try await client.refresh(vault.refreshToken)
        vault.keep(session.tokens, generation: session.generation)
        // end
    }
}
