import MintmarkTestSupport
import MintmarkWire
import Testing

@testable import MintmarkClient

@Suite("Tokens are kept out of what is shown")
struct RedactionTests {
    /// A value that holds a token.
    struct Holder: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let value: any Sendable
        /// What is shown beside the token.
        let shown: String
    }

    private static let jwt = String(decoding: Sample.jwt, as: UTF8.self)
    private static let refreshToken = String(decoding: Sample.refreshToken, as: UTF8.self)

    private static let accessToken = AccessToken(
        SignResponse(serverTime: 1_000, accessToken: Sample.jwt, expiresAt: 1_300, expiresInSeconds: 300)
    )
    private static let refreshed = RefreshedSession(
        RefreshResponse(grant: Sample.grant, refreshOutcome: .rotated, generation: 7)
    )

    private static let holders = [
        Holder(testDescription: "an access token", value: accessToken, shown: "1300"),
        Holder(testDescription: "the tokens of a session", value: refreshed.tokens, shown: "3000"),
        Holder(testDescription: "a refreshed session", value: refreshed, shown: "generation: 7"),
        Holder(
            testDescription: "a late answer to open",
            value: LateAnswer.opened(refreshed.tokens, attemptID: AttemptID()),
            shown: "AttemptID"
        ),
        Holder(
            testDescription: "a late answer to refresh",
            value: LateAnswer.refreshed(refreshed, replacing: refreshToken),
            shown: "generation: 7"
        ),
        Holder(
            testDescription: "a target",
            value: RevocationTarget.refreshToken(refreshToken),
            shown: "refreshToken"
        ),
        Holder(testDescription: "what holds a holder", value: [Optional((1, refreshed))], shown: "generation: 7"),
    ]

    @Test("neither print nor dump nor a debugger's description shows a token", arguments: holders)
    func redaction(holder: Holder) {
        var dumped = ""
        dump(holder.value, to: &dumped)
        for text in ["\(holder.value)", String(reflecting: holder.value), dumped] {
            #expect(!text.contains(Self.jwt) && !text.contains(Self.refreshToken))
            #expect(text.contains("…"))
            #expect(text.contains(holder.shown), "\(text)")
        }
    }

    @Test(
        "targets without tokens are shown as they are",
        arguments: [
            (RevocationTarget.subject("alice"), #"subject("alice")"#), (.client(id: "web"), #"client("web")"#),
            (.session(SessionID(checked: Sample.sessionID)), "session(AAECAwQFBgcICQoLDA0ODw)"), (.all, "all"),
        ]
    )
    func targets(_ target: RevocationTarget, _ text: String) {
        #expect("\(target)" == text)
    }

    @Test("times and names are shown")
    func everythingElse() {
        #expect(
            "\(Self.accessToken)"
                == "AccessToken(accessToken: …, expiresAt: 1300, expiresInSeconds: 300, serverTime: 1000)"
        )
        #expect(
            "\(Self.refreshed.tokens)" == """
                SessionTokens(accessToken: …, refreshToken: …, sessionID: AAECAwQFBgcICQoLDA0ODw, \
                expiresAt: 1300, expiresInSeconds: 300, refreshExpiresAt: 2000, refreshExpiresInSeconds: 1000, \
                sessionExpiresAt: 3000, sessionExpiresInSeconds: 2000, serverTime: 1000)
                """
        )
    }
}
