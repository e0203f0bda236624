import MintmarkCrypto
import MintmarkWire
import NIOEmbedded
import Testing

@testable import MintmarkServer

/// What may follow HELLO before its answer, as the vectors tell others.
@Suite struct StreamVectorTests {
    @Test(arguments: StreamVector.all)
    func firstBytesAreAnsweredAsTheVectorsSay(vector: StreamVector) throws {
        let key = Ed25519SigningKey(random: SystemRandom())
        let connection = try ConnectionFixture { options in
            options.callers = vector.owesAuthentication ? .web(key) : nil
        }
        try connection.receive(vector.bytes)
        let answers = try connection.answers()
        #expect(answers.filter { $0.status == nil }.map(\.id) == vector.answered)
        #expect(answers.count == vector.answered.count + (vector.status == nil ? 0 : 1))
        guard let status = vector.status else {
            #expect(connection.channel.isActive)
            return
        }
        #expect(answers.last?.status?.name == status)
        #expect(answers.last?.id == vector.errorID)
        try connection.receive(frame(ping, id: 99))
        #expect(try connection.answers().isEmpty)
    }

    @Test func thereAreSuchVectors() {
        #expect(StreamVector.all.count >= 15)
    }
}
