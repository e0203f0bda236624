import Foundation
import MintmarkTestSupport
import MintmarkWire
import Testing

@testable import MintmarkClient
@testable import MintmarkCommand

/// An answer, and how it is to look.
struct Rendering: Sendable, CustomStringConvertible {
    let description: String
    let answer: any CommandAnswer
    let exitStatus: CommandStatus
    let text: String
    let json: String

    init(
        _ description: String,
        _ answer: any CommandAnswer,
        _ exitStatus: CommandStatus = .done,
        text: String,
        json: String
    ) {
        self.description = description
        self.answer = answer
        self.exitStatus = exitStatus
        self.text = text
        self.json = json
    }
}

@Suite("Answers")
struct AnswerTests {
    @Test("an answer looks as it should", arguments: tokens + verdicts + introspections + others)
    func rendering(row: Rendering) throws {
        #expect(row.answer.exitStatus == row.exitStatus)
        #expect(row.answer.text(at: 1_000) == row.text)
        #expect(row.answer.json == row.json)
        #expect(!row.json.contains("\n"))
        #expect(try parsed(row.json).count > 0)
    }

    private static let grantText = """
        access token     eyJhbGciOiJFZERTQSJ9.e30.c2ln
        expires          1970-01-01T00:21:40Z, in 5m
        refresh token    mmrt_sample
        refresh expires  1970-01-01T00:33:20Z, in 16m 40s
        session id       000102030405060708090a0b0c0d0e0f
        session expires  1970-01-01T00:50:00Z, in 33m 20s
        """

    private static let accessJSON =
        #""access_token":"eyJhbGciOiJFZERTQSJ9.e30.c2ln","token_type":"Bearer","expires_in":300,"expires_at":1300"#

    private static let sessionJSON =
        #"""
        "refresh_token":"mmrt_sample","refresh_expires_in":1000,"refresh_expires_at":2000,\#
        "session_id":"000102030405060708090a0b0c0d0e0f","session_expires_in":2000,\#
        "session_expires_at":3000,"server_time":1000
        """#

    private static let tokens = [
        Rendering(
            "a new session",
            OpenAnswer(tokens: SessionTokens(Sample.grant)),
            text: grantText,
            json: "{\(accessJSON),\(sessionJSON)}"
        ),
        Rendering(
            "a new session with scope",
            OpenAnswer(tokens: SessionTokens(Sample.grant), scope: "read write"),
            text: grantText.replacingOccurrences(
                of: "\nrefresh token",
                with: "\nscope            read write\nrefresh token"
            ),
            json: "{\(accessJSON),\"scope\":\"read write\",\(sessionJSON)}"
        ),
        refreshed(.rotated, "rotated: a new refresh token takes the place of the one given", "rotated"),
        refreshed(.sameSuccessor, "same_successor: it was rotated before; the same successor again", "same_successor"),
        refreshed(.unchanged, "unchanged: the same refresh token stays in use", "unchanged"),
        refreshed(
            .fastForward,
            "fast_forward: it was newer than the server's state; a new one takes its place",
            "fast_forward"
        ),
        Rendering(
            "a token without a session",
            SignAnswer(
                token: AccessToken(
                    SignResponse(
                        serverTime: 1_000,
                        accessToken: Sample.jwt,
                        expiresAt: 1_300,
                        expiresInSeconds: 300
                    )
                ),
                scope: "read"
            ),
            text: """
                access token  eyJhbGciOiJFZERTQSJ9.e30.c2ln
                expires       1970-01-01T00:21:40Z, in 5m
                scope         read
                """,
            json: "{\(accessJSON),\"scope\":\"read\",\"server_time\":1000}"
        ),
    ]

    private static func refreshed(_ outcome: RefreshOutcome, _ sentence: String, _ name: String) -> Rendering {
        let response = RefreshResponse(grant: Sample.grant, refreshOutcome: outcome, generation: 7)
        return Rendering(
            "a refresh, \(name)",
            RefreshAnswer(session: RefreshedSession(response)),
            text: grantText + "\nrefresh outcome  \(sentence)\ngeneration       7",
            json: "{\(accessJSON),\(sessionJSON),\"refresh_outcome\":\"\(name)\",\"generation\":7}"
        )
    }

    private static let claims = Array(
        #"{"sub":"alice","exp":1299,"iat":"no date","nbf":-1,\#n  "x":{"iat":1,"b":"\u001b"},"y":"\#u{9B}0m"}"#.utf8
    )

    private static let verdicts = [
        Rendering(
            "an active token with claims",
            VerifyAnswer(verification: .active(claims: claims)),
            text: #"""
                ACTIVE

                sub  "alice"
                exp  1299 (1970-01-01T00:21:39Z, in 4m 59s)
                iat  "no date"
                nbf  -1
                x    {"iat":1,"b":"\u001b"}
                y    "\u009b0m"
                """#,
            json: #"""
                {"active":true,"claims":{"sub":"alice","exp":1299,"iat":"no date","nbf":-1,\#
                   "x":{"iat":1,"b":"\u001b"},"y":"\u009b0m"}}
                """#
        ),
        Rendering(
            "an active token without claims",
            VerifyAnswer(verification: .active(claims: nil)),
            text: "ACTIVE",
            json: #"{"active":true}"#
        ),
        Rendering(
            "an inactive token",
            VerifyAnswer(verification: .inactive(reason: StatusCode(.tokenRevoked))),
            .refused,
            text: "INACTIVE  TOKEN_REVOKED: its session, subject or client was revoked",
            json: #"""
                {"active":false,"reason":"TOKEN_REVOKED","reason_number":333,\#
                "reason_description":"its session, subject or client was revoked"}
                """#
        ),
        Rendering(
            "a reason of another version",
            VerifyAnswer(verification: .inactive(reason: StatusCode(rawValue: 399))),
            .refused,
            text: "INACTIVE  STATUS_399: a status that this version does not know",
            json: #"""
                {"active":false,"reason":"STATUS_399","reason_number":399,\#
                "reason_description":"a status that this version does not know"}
                """#
        ),
    ]

    private static let session = IntrospectResponse(
        serverTime: 1_000,
        claims: Array(#"{"plan":"pro"}"#.utf8),
        subject: "alice",
        audience: ["orders", "payments"],
        scope: "read write",
        isActive: true,
        sessionID: Sample.sessionID,
        clientID: "local",
        refreshExpiresAt: 2_000,
        refreshExpiresInSeconds: 1_000,
        sessionExpiresAt: 3_000,
        sessionExpiresInSeconds: 2_000,
        refreshOutcome: .rotated,
        generation: 3,
        createdAt: 500,
        lastUsedAt: 900
    )

    private static let introspections = [
        Rendering(
            "an active session",
            IntrospectAnswer(introspection: .active(SessionDescription(session))),
            text: """
                ACTIVE

                subject          alice
                audience         orders, payments
                scope            read write
                client id        local
                session id       000102030405060708090a0b0c0d0e0f
                generation       3
                refresh outcome  rotated: a new refresh token takes the place of the one given
                refresh expires  1970-01-01T00:33:20Z, in 16m 40s
                session expires  1970-01-01T00:50:00Z, in 33m 20s
                created          1970-01-01T00:08:20Z, 8m 20s ago
                last used        1970-01-01T00:15:00Z, 1m 40s ago
                claims           {"plan":"pro"}
                """,
            json: #"""
                {"active":true,"sub":"alice","aud":["orders","payments"],"scope":"read write",\#
                "client_id":"local","session_id":"000102030405060708090a0b0c0d0e0f","generation":3,\#
                "refresh_outcome":"rotated","refresh_expires_in":1000,"refresh_expires_at":2000,\#
                "session_expires_in":2000,"session_expires_at":3000,"created_at":500,"last_used_at":900,\#
                "server_time":1000,"claims":{"plan":"pro"}}
                """#
        ),
        Rendering(
            "an active session of which nothing is told",
            IntrospectAnswer(
                introspection: .active(SessionDescription(IntrospectResponse(serverTime: 1_000, isActive: true)))
            ),
            text: "ACTIVE",
            json: #"{"active":true,"server_time":1000}"#
        ),
        Rendering(
            "an inactive session",
            IntrospectAnswer(introspection: .inactive(reason: StatusCode(.expired))),
            .refused,
            text: "INACTIVE  EXPIRED: the session has expired",
            json: #"""
                {"active":false,"reason":"EXPIRED","reason_number":304,\#
                "reason_description":"the session has expired"}
                """#
        ),
    ]

    private static let others = [
        Rendering(
            "revoked",
            DoneAnswer.revoked,
            text: "Revoked, as far as there was anything to revoke.",
            json: #"{"revoked":true}"#
        ),
        Rendering(
            "forced",
            DoneAnswer.rotationForced,
            text: "The next refresh rotates.",
            json: #"{"rotation_forced":true}"#
        ),
        Rendering(
            "snapshot",
            DoneAnswer.snapshotWritten,
            text: "The snapshot is on disk.",
            json: #"{"snapshot_written":true}"#
        ),
        Rendering(
            "keys",
            KeysAnswer(keySet: Array("{\"keys\":[{\"kid\":\"a\",\"x\":\"b\"},\n{\"kid\":\"c\"}]}".utf8)),
            text: "kid  \"a\"\nx    \"b\"\n\nkid  \"c\"",
            json: #"{"keys":[{"kid":"a","x":"b"}, {"kid":"c"}]}"#
        ),
        Rendering(
            "no keys",
            KeysAnswer(keySet: Array(#"{"keys":[]}"#.utf8)),
            text: "There are no keys.",
            json: #"{"keys":[]}"#
        ),
        Rendering(
            "a key set without keys",
            KeysAnswer(keySet: Array(#"{"a":1}"#.utf8)),
            text: #"{"a":1}"#,
            json: #"{"a":1}"#
        ),
        Rendering(
            "a sign of life",
            PingAnswer(serverTime: 1_000, roundTrip: .nanoseconds(182_999)),
            text: "server time  1970-01-01T00:16:40Z\nround trip   182 us",
            json: #"{"server_time":1000,"round_trip_us":182}"#
        ),
    ]
}
