import Foundation
import MintmarkWire
import Testing

@testable import MintmarkClient
@testable import MintmarkCommand

@Suite("Failures")
struct FailureTests {
    @Test(
        "the client's own errors have their exit status",
        arguments: [
            Row("server", .server, .refused),
            Row("cannotConnect", .cannotConnect, .unreachable),
            Row("tlsSettingsUnusable", .tlsSettingsUnusable, .usage),
            Row("tlsHandshakeFailed", .tlsHandshakeFailed, .unreachable),
            Row("serverUntrusted", .serverUntrusted, .unreachable),
            Row("plaintextRefused", .plaintextRefused, .unreachable),
            Row("authenticationRequired", .authenticationRequired, .unreachable),
            Row("protocolViolation", .protocolViolation, .unreachable),
            Row("connectionLost", .connectionLost, .unavailable),
            Row("deadlineExceeded", .deadlineExceeded, .unavailable),
            Row("queueFull", .queueFull, .unavailable),
            Row("invalidRequest", .invalidRequest, .usage),
            Row("cancelled", .cancelled, .refused),
            Row("shutDown", .shutDown, .refused),
        ] as [Row<MintmarkError.Code, CommandStatus>]
    )
    func exitStatus(row: Row<MintmarkError.Code, CommandStatus>) {
        #expect(row.given.description == row.description)
        #expect(Failure(MintmarkError(row.given, "")).exitStatus == row.expected)
    }

    @Test("what the server says is a refusal, but for the end of a connection and for now", arguments: Status.allCases)
    func exitStatus(status: Status) {
        let isOfConnection = (100...199).contains(status.rawValue)
        let expected: CommandStatus =
            isOfConnection ? .unreachable : StatusCode(status).isRetryable ? .unavailable : .refused
        #expect(Failure(refusal(status)).exitStatus == expected)
    }

    @Test("every status has words of its own")
    func sentences() {
        let sentences = Status.allCases.map { StatusCode($0).sentence }
        #expect(Set(sentences).count == Status.allCases.count)
        for sentence in sentences {
            #expect(sentence.count > 10 && sentence.first?.isLowercase == true && sentence.last != ".")
        }
    }

    @Test("people read the status and what it means", arguments: Status.allCases)
    func text(status: Status) {
        let text = Failure(refusal(status)).text
        let told = "\(status.name): \(StatusCode(status).sentence) (a hint)"
        let isAdvised = [.authFailed, .clientUnknown, .keyNotFound, .tlsRequired].contains(status)
        #expect(isAdvised ? text.hasPrefix("\(told); ") : text == told)
    }

    @Test("scripts read everything of a refusal", arguments: Status.allCases)
    func json(status: Status) throws {
        let object = try parsed(Failure(refusal(status)).json)
        #expect(object["error_code"] as? String == status.name)
        #expect(object["error_number"] as? UInt16 == status.rawValue)
        #expect(object["error_description"] as? String == StatusCode(status).sentence)
        #expect(object["server_message"] as? String == "a hint")
        #expect(object["retryable"] as? Bool == status.isRetryable)
        #expect(object["error"] as? String == StatusCode(status).oAuthError)
    }

    @Test(
        "refusals have the errors of RFC 6749",
        arguments: [
            Row("the token", StatusCode(.reused), "invalid_grant"),
            Row("the session", StatusCode(.expired), "invalid_grant"),
            Row("another client", StatusCode(.clientMismatch), "invalid_grant"),
            Row("the scope", StatusCode(.scopeExceeded), "invalid_scope"),
            Row("the request", StatusCode(.claimsReserved), "invalid_request"),
            Row("the caller", StatusCode(.notPermitted), "unauthorized_client"),
            Row("the authentication", StatusCode(.authRequired), "invalid_client"),
            Row("too many sessions", StatusCode(.sessionCap), "access_denied"),
            Row("the server for now", StatusCode(.busy), "temporarily_unavailable"),
            Row("the server stops", StatusCode(.shuttingDown), "temporarily_unavailable"),
            Row("the server", StatusCode(.storage), "server_error"),
            Row("the connection", StatusCode(.frameLength), nil),
            Row("unknown 2xx", StatusCode(rawValue: 299), "invalid_request"),
            Row("unknown 3xx", StatusCode(rawValue: 399), nil),
            Row("unknown 4xx", StatusCode(rawValue: 499), "temporarily_unavailable"),
            Row("unknown 5xx", StatusCode(rawValue: 599), "server_error"),
            Row("unknown otherwise", StatusCode(rawValue: 600), nil),
        ] as [Row<StatusCode, String?>]
    )
    func oAuthErrors(row: Row<StatusCode, String?>) {
        #expect(row.given.oAuthError == row.expected)
    }

    @Test("whoever may not administer is told what that takes")
    func administration() {
        let error = MintmarkError(.server, "", status: StatusCode(.notPermitted), rule: "admin")
        #expect(Failure(error).text.hasSuffix("the Unix socket (--unix)"))
        let other = MintmarkError(.server, "", status: StatusCode(.notPermitted), rule: "audiences")
        #expect(!Failure(other).text.contains("--unix"))
    }

    @Test("whoever can do something about it is told what")
    func advice() {
        let tooNew = MintmarkError(.server, "", status: StatusCode(.keyState), field: "key_id")
        #expect(Failure(tooNew).text.hasSuffix("one that was published only now is activated with --immediately"))
        let tooMany = MintmarkError(.server, "", status: StatusCode(.keyState))
        #expect(!Failure(tooMany).text.contains("--immediately"))
        let unknown = MintmarkError(.authenticationRequired, "the server wants to know who calls")
        #expect(Failure(unknown).text.hasSuffix("--client and --client-key say it, or over TLS --cert and --key"))
        let spans: [(Int, String)] = [(250, "250 ms"), (9_999, "9999 ms"), (10_000, "10 s"), (10_001, "11 s")]
        for (milliseconds, span) in spans {
            let pause = Duration.milliseconds(milliseconds)
            let early = MintmarkError(.server, "", status: StatusCode(.rateLimited), retryAfter: pause)
            #expect(Failure(early).text.hasSuffix("; come again in \(span)"))
        }
    }

    @Test("a refusal tells everything that came with it")
    func everything() {
        let error = MintmarkError(
            .server,
            "a hint",
            status: StatusCode(.reused),
            field: "refresh_token",
            reuseClass: .olderGeneration,
            isOutcomeUnknown: true
        )
        #expect(
            Failure(error).json == #"""
                {"error":"invalid_grant","error_code":"REUSED","error_number":305,\#
                "error_description":"the refresh token was rotated away before; its session is revoked now",\#
                "server_message":"a hint","retryable":false,"field":"refresh_token",\#
                "reuse_class":"older_generation","outcome_unknown":true}
                """#
        )
        #expect(
            Failure(error).text == "REUSED: the refresh token was rotated away before; its session is revoked now "
                + "(refresh_token: a hint); whether it was done is not known"
        )
    }

    @Test("classes of reuse have the names of the specification")
    func reuseClasses() {
        #expect(ReuseClass.allCases.map(\.name) == ["previous_after_window", "older_generation", "older_epoch"])
    }

    @Test("an error of the client has a name and a message")
    func ownErrors() {
        let failure = Failure(MintmarkError(.cannotConnect, "no\u{1B} way"))
        #expect(
            failure.json == #"""
                {"error":"temporarily_unavailable","error_code":"CANNOT_CONNECT",\#
                "error_description":"no\u001b way","retryable":true}
                """#
        )
        #expect(failure.text.hasPrefix(#"no\u{1B} way; is mintmarkd running there, and may this user connect?"#))
    }

    @Test(
        "who the server runs as is told by name, and how to trust it",
        arguments: [
            Row("a user", 0, "user 'root' (0), who is not trusted; --server-user root trusts it"),
            Row("nobody's number", 4_000_000, "user 4000000, who is not trusted; --server-user 4000000 trusts it"),
        ] as [Row<UInt32, String>]
    )
    func serverUser(row: Row<UInt32, String>) throws {
        let failure = Failure(MintmarkError(.serverUntrusted, "", serverUserID: row.given))
        #expect(failure.text == "the server runs as " + row.expected)
        #expect(try parsed(failure.json)["error_description"] as? String == failure.text)
    }

    @Test("whose certificate is not trusted, the options that help are told")
    func serverCertificate() {
        let failure = Failure(MintmarkError(.serverUntrusted, "its certificate is not one that is trusted"))
        let advice = "--ca names who may vouch for it, --server-name whom its certificate is to name"
        #expect(failure.text == "its certificate is not one that is trusted; \(advice)")
    }

    @Test("a failure ends the process with its message where it belongs", arguments: [false, true])
    func completion(asJSON: Bool) {
        let completion = Completion(.failure(refusal(.revoked)), asJSON: asJSON, at: 0)
        #expect(completion.exitStatus == .refused)
        #expect(completion.output == (asJSON ? Failure(refusal(.revoked)).json + "\n" : ""))
        #expect(completion.errorOutput == (asJSON ? "" : "mintmark: REVOKED: the session was revoked (a hint)\n"))
    }

    private func refusal(_ status: Status) -> MintmarkError {
        MintmarkError(.server, "a hint", status: StatusCode(status))
    }
}
