import MintmarkTestSupport
import MintmarkWire
import Testing

@testable import MintmarkLoad

@Suite("Requests that must be refused")
struct HostileTests {
    private static func plan(_ sorts: [HostileRequest], requests: Int = 60) throws -> LoadPlan {
        var plan = try LoadPlan.small("hostile=1", requests: requests)
        plan.hostile = sorts
        return plan
    }

    @Test("a refusal for the right reason is what is wanted")
    func refused() async throws {
        // To the model every token it has not made is one with a wrong signature.
        let report = try await report(of: Self.plan([.wrongKey, .reuse]), ModelServer().script)
        let tally = report.tally.operations[LoadOperation.hostile.rawValue]
        #expect(report.tally.errors.count == 0, "\(report.tally.errors)")
        #expect(tally.completed == 60)
        #expect(tally.refused.response.count == 60)
        #expect(tally.accepted.response.count == 0)
    }

    @Test("a refusal for another reason is wrong")
    func otherReason() async throws {
        let report = try await report(of: Self.plan([.noAlgorithm]), ModelServer().script)
        #expect(report.tally.errors.entries[.validation]?.count == 60)
        #expect(report.exitStatus == .wrongAnswer)
    }

    @Test("a token that must be refused and is accepted ends in exit code 13", arguments: HostileRequest.default)
    func accepted(sort: HostileRequest) async throws {
        let model = ModelServer()
        let used = Counting()
        let script: FakeServer.Script = { request in
            if request.kind == .verify {
                return [.write(request.bytes(of: VerifyResponse(claims: Array("{}".utf8), isActive: true)))]
            }
            // The sixteen sessions are prepared with two refreshes each.
            guard request.kind == .refresh, used.next() > 32 else { return model.script(request) }
            return [
                .write(request.bytes(of: RefreshResponse(grant: Sample.grant, refreshOutcome: .rotated, generation: 1)))
            ]
        }
        let report = try await report(of: Self.plan([sort]), script)
        let entry = try #require(report.tally.errors.entries[.unexpectedAccept])
        #expect(entry.count == 60)
        #expect(entry.firstExample.contains(sort.rawValue))
        #expect(report.exitStatus == .wrongAnswer)
        #expect(report.json.text.contains("\"unexpected_accept\": 60"))
    }

    @Test("an expired token that was refused once and is accepted later ends in exit code 13")
    func expiredAccepted() async throws {
        let model = ModelServer()
        let verified = Counting()
        let report = try await report(of: Self.plan([.expired])) { request in
            guard request.kind == .verify else { return model.script(request) }
            // The sixteen tokens are waited for until they have expired.
            let hasExpired = VerifyResponse(isActive: false, reason: StatusCode(.tokenExpired))
            let isActive = VerifyResponse(claims: Array("{}".utf8), isActive: true)
            return [.write(request.bytes(of: verified.next() <= 16 ? hasExpired : isActive))]
        }
        #expect(report.tally.errors.entries[.unexpectedAccept]?.count == 60, "\(report.tally.errors)")
        #expect(report.exitStatus == .wrongAnswer)
    }

    @Test("one byte flipped in one of a thousand tokens is found")
    func flippedByte() async throws {
        let model = ModelServer()
        let signed = Counting()
        var plan = try LoadPlan.small("sign=1", requests: 2_000)
        plan.samplePeriod = 1
        let report = try await report(of: plan) { request in
            guard request.kind == .sign, signed.next() == 1_000 else { return model.script(request) }
            var bytes = model.answer(request)
            // Inside the token: behind it come times only.
            bytes[bytes.count - 60] ^= 1
            return [.write(bytes)]
        }
        #expect(report.tally.errors.entries[.validation]?.count == 1, "\(report.tally.errors)")
        #expect(report.exitStatus == .wrongAnswer)
        #expect(report.tally.errors.wrongAnswer?.contains("no published key has signed") == true)
    }

    @Test("every other operation is answered and judged")
    func otherOperations() async throws {
        let plan = try LoadPlan.small("open=1,revoke=1,keys=1", requests: 120)
        let report = try await report(of: plan, ModelServer().script)
        #expect(report.tally.errors.count == 0, "\(report.tally.errors)")
        for operation in [LoadOperation.open, .revoke, .keys] {
            #expect(report.tally.operations[operation.rawValue].completed > 10)
        }
    }
}
