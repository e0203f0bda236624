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
        #expect(answers.map { StreamVector.Answer(requestID: $0.id, status: $0.status?.name) } == vector.answers)
        guard vector.closes else {
            #expect(connection.channel.isActive)
            return
        }
        try connection.receive(frame(ping, id: 99))
        #expect(try connection.answers().isEmpty)
    }

    @Test func thereAreSuchVectors() {
        #expect(StreamVector.all.count >= 25)
    }
}
