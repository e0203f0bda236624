import Foundation
import MintmarkCrypto
import MintmarkWire
import Testing

@testable import MintmarkLoad

@Suite("What load consists of")
struct WorkloadTests {
    @Test(
        "mixes",
        arguments: [
            Row("the usual one", "sign=1,verify=8,refresh=1", [1, 8, 1, 0, 0, 0, 0, 0, 0]),
            Row("one operation", "ping=1", [0, 0, 0, 1, 0, 0, 0, 0, 0]),
            Row("a weight of zero", "sign=0,verify=1000", [0, 1_000, 0, 0, 0, 0, 0, 0, 0]),
            Row("nothing", "", nil),
            Row("only zeros", "sign=0", nil),
            Row("no weight", "sign", nil),
            Row("an unknown name", "login=1", nil),
            Row("a name twice", "sign=1,sign=2", nil),
            Row("a negative weight", "sign=-1", nil),
            Row("a weight above the limit", "sign=1001", nil),
            Row("a comma at the end", "sign=1,", nil),
        ] as [Row<String, [Int]?>]
    )
    func mixes(row: Row<String, [Int]?>) {
        #expect(OperationMix(row.given)?.weights == row.expected)
    }

    @Test("operations are drawn as often as their weights say", arguments: 0..<3 as Range<UInt64>)
    func draws(seed: UInt64) throws {
        let mix = try #require(OperationMix("sign=1,verify=8,refresh=1"))
        var random = SeededRandom(seed: seed)
        var counts: [LoadOperation: Int] = [:]
        for _ in 0..<100_000 { counts[mix.draw(&random), default: 0] += 1 }
        #expect(counts[.ping] == nil)
        for (operation, expected) in [(LoadOperation.sign, 10_000), (.verify, 80_000), (.refresh, 10_000)] {
            #expect(abs((counts[operation] ?? 0) - expected) < 600)
        }
    }

    @Test("sessions take turns, and none is given twice")
    func pool() throws {
        let session = try RefreshSession(refreshToken: Array("mmrt_a".utf8))
        var pool = SessionPool([session, session, session])
        #expect([pool.take(), pool.take(), pool.take(), pool.take()] == [0, 1, 2, nil])
        pool.put(1)
        pool.put(0)
        #expect([pool.take(), pool.take(), pool.take()] == [1, 0, nil])
    }

    /// A REFRESH answer: its outcome, generation and token.
    typealias Answer = (outcome: RefreshOutcome, generation: UInt32, token: String)

    @Test(
        "answers to REFRESH",
        arguments: [
            Row("rotated", [(.rotated, 1, "mmrt_b")], [true]),
            Row("rotated twice", [(.rotated, 1, "mmrt_b"), (.rotated, 2, "mmrt_c")], [true, true]),
            Row("rotated to a longer token", [(.rotated, 1, "mmrt_longer"), (.rotated, 2, "mmrt_c")], [true, true]),
            Row("unchanged", [(.unchanged, 0, "mmrt_a")], [true]),
            Row("rotated to the same token", [(.rotated, 1, "mmrt_a")], [false]),
            Row("rotated without a new generation", [(.rotated, 0, "mmrt_b")], [false]),
            Row("rotated over a generation", [(.rotated, 2, "mmrt_b")], [false]),
            Row("unchanged with another token", [(.unchanged, 0, "mmrt_b")], [false]),
            Row("a successor where nothing was retried", [(.sameSuccessor, 1, "mmrt_b")], [false]),
            Row("ahead of the server", [(.fastForward, 1, "mmrt_b")], [false]),
        ] as [Row<[Answer], [Bool]>]
    )
    func refreshAnswers(row: Row<[Answer], [Bool]>) throws {
        var session = try RefreshSession(refreshToken: Array("mmrt_a".utf8))
        for (answer, isRight) in zip(row.given, row.expected) {
            #expect(try judge(answer, &session) == isRight)
            if isRight { #expect(Array(session.refreshToken) == Array(answer.token.utf8)) }
        }
    }

    @Test("behind an unknown outcome the successor may come again, once")
    func uncertain() throws {
        var session = try RefreshSession(refreshToken: Array("mmrt_a".utf8))
        session.outcomeUnknown()
        #expect(try judge((.sameSuccessor, 1, "mmrt_b"), &session))
        #expect(try !judge((.sameSuccessor, 2, "mmrt_c"), &session))
    }

    private func judge(_ answer: Answer, _ session: inout RefreshSession) throws -> Bool {
        let grant = SessionGrant(
            accessToken: Array("a.b.c".utf8),
            refreshToken: Array(answer.token.utf8),
            sessionID: [UInt8](0..<16),
            times: GrantTimes(serverTime: 1, expiresAt: 2, refreshExpiresAt: 3, sessionExpiresAt: 4)
        )
        var writer = FrameWriter()
        try RefreshResponse(grant: grant, refreshOutcome: answer.outcome, generation: answer.generation)
            .encode(requestID: 1, into: &writer)
        let body = Array(writer.bytes.dropFirst(FrameHeader.Layout.body))
        return session.refreshed(try RefreshResponseFields(decoding: body.span.bytes), in: body.span.bytes) == nil
    }

    @Test("the expiry is read from a token's claims")
    func expiry() {
        #expect(AccessTokenText.expiry(in: Array(#"{"sub":"a","exp":1300,"iat":1}"#.utf8)) == 1_300)
        #expect(AccessTokenText.expiry(in: Array(#"{"sub":"a"}"#.utf8)) == nil)
    }

    @Test("only what a published key has signed is believed, and only as it was signed")
    func signatures() throws {
        let model = ModelServer()
        let request = FakeRequests.sign
        let token = try SignResponse(decoding: Array(model.answer(request).dropFirst(10)).span.bytes).accessToken
        let jwks = try KeysResponse(decoding: Array(model.answer(FakeRequests.keys).dropFirst(10)).span.bytes).jwks
        let keys = VerificationKeys(jwks: jwks)
        let isBelieved = { (token: [UInt8], keys: VerificationKeys) in keys.verify(token.span.bytes) }
        #expect(isBelieved(token, keys))
        #expect(!isBelieved(token, VerificationKeys(jwks: Array(#"{"keys":[]}"#.utf8))))
        for index in token.indices {
            var flipped = token
            flipped[index] ^= 1
            #expect(!isBelieved(flipped, keys), "byte \(index)")
        }
    }

    @Test("tokens are kept in a file that nobody else can read")
    func tokenFile() throws {
        let path = NSTemporaryDirectory() + "mintmark-tokens-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let tokens = [Array("a.b.c".utf8), Array("d.e.f".utf8)]
        try TokenFile.write(tokens, to: path)
        #expect(try TokenFile.read(path) == tokens)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        try TokenFile.write([], to: path)
        #expect(throws: LoadFailure.usage("there are no tokens in \(path)")) { try TokenFile.read(path) }
    }
}
