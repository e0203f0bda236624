import MintmarkSessions
import MintmarkWire
import Testing

@testable import MintmarkEngine

/// A conversation of `sessions.json` with an engine: its clock, its callers, and which token each name stands for.
final class SessionConversation {
    private let fixture: EngineFixture
    private let policy: ClientPolicy
    private var passedMilliseconds: UInt64 = 0
    private var tokens: [String: [UInt8]] = [:]

    init(_ policy: ClientPolicy) throws {
        self.policy = policy
        fixture = try EngineFixture()
    }

    struct Outcome {
        var answer: SessionVectorTests.Answer?
        var error: SessionVectorTests.Failure?
    }

    func take(_ step: SessionVectorTests.Step) throws -> Outcome {
        fixture.advance(milliseconds: step.at - passedMilliseconds)
        fixture.setWall(EngineFixture.start + step.at / 1_000)
        passedMilliseconds = step.at
        fixture.caller =
            step.caller == "admin"
            ? EngineFixture.administrator(step.caller, policy: policy)
            : EngineFixture.user(step.caller, policy: policy)
        do {
            return Outcome(answer: try answer(to: step))
        } catch let error as ErrorResponse {
            let failure = SessionVectorTests.Failure(
                status: name(of: error.status),
                reuseClass: error.reuseClass?.rawValue,
                field: error.field
            )
            return Outcome(error: failure)
        }
    }

    private func answer(to step: SessionVectorTests.Step) throws -> SessionVectorTests.Answer {
        let fields = step.fields
        var answer = SessionVectorTests.Answer()
        switch step.request {
        case "OPEN":
            let request = OpenRequest(
                subject: fields.subject ?? "",
                audience: fields.audience ?? [],
                scope: fields.scope,
                context: fields.context.map(bytes),
                attemptID: fields.attemptID.map(bytes)
            )
            tell(try fixture.call(request).grant, in: &answer, expected: step.answer)
        case "REFRESH":
            let request = RefreshRequest(
                refreshToken: try token(fields),
                audience: fields.audience,
                scope: fields.scope,
                accessTokenTTLSeconds: fields.accessTokenTTL,
                context: fields.context.map(bytes)
            )
            let response = try fixture.call(request)
            tell(response.grant, in: &answer, expected: step.answer)
            answer.refreshOutcome = response.refreshOutcome.rawValue
            answer.generation = response.generation
        case "INTROSPECT":
            let response = try fixture.call(IntrospectRequest(refreshToken: try token(fields)))
            answer.active = response.isActive
            answer.reason = response.reason.map(name)
            answer.refreshOutcome = response.refreshOutcome?.rawValue
            answer.generation = response.generation
            answer.refreshExpiresIn = response.refreshExpiresInSeconds
            answer.sessionExpiresIn = response.sessionExpiresInSeconds
        case "REVOKE":
            let target = try fields.subject.map { .subject($0) } ?? RevokeRequest.Target.refreshToken(token(fields))
            _ = try fixture.call(RevokeRequest(target))
        case "FORCE_ROTATION":
            _ = try fixture.call(ForceRotationRequest(.subject(fields.subject ?? "")))
        default:
            Issue.record("a request that no script has: \(step.request)")
        }
        return answer
    }

    private func token(_ fields: SessionVectorTests.Fields) throws -> [UInt8] {
        try #require(fields.refreshToken.flatMap { tokens[$0] }, "a token that no answer has given")
    }

    /// The name that a token is expected to have is its own if it is new, and no other token has it.
    private func tell(
        _ grant: SessionGrant,
        in answer: inout SessionVectorTests.Answer,
        expected: SessionVectorTests.Answer?
    ) {
        var name = tokens.first { $0.value == grant.refreshToken }?.key
        if name == nil, let expected = expected?.refreshToken, tokens[expected] == nil {
            tokens[expected] = grant.refreshToken
            name = expected
        }
        answer.refreshToken = name ?? "another token"
        answer.refreshExpiresIn = grant.times.refreshExpiresInSeconds
        answer.sessionExpiresIn = grant.times.sessionExpiresInSeconds
    }

    private func name(of code: StatusCode) -> String { Status(rawValue: code.rawValue)?.name ?? "\(code)" }

    private func bytes(_ hexadecimal: String) -> [UInt8] {
        stride(from: 0, to: hexadecimal.count, by: 2).compactMap { offset in
            UInt8(hexadecimal.dropFirst(offset).prefix(2), radix: 16)
        }
    }
}
