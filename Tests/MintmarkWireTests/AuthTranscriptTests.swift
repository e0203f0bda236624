import MintmarkTestSupport
import MintmarkWire
import Testing

/// What AUTH signs, held against `Protocol/vectors/auth-transcript.json`.
@Suite struct AuthTranscriptTests {
    @Test func transcriptsAreTheVectors() throws {
        let vectors = try AuthTranscriptVectors.read()
        #expect(!vectors.cases.isEmpty)
        for vector in vectors.cases {
            let binding: AuthTranscript.Binding =
                vector.bindingKind == 1
                ? .tls(certificateSHA256: vector.binding.bytes)
                : .loopback(address: String(decoding: vector.binding.bytes, as: UTF8.self))
            let bytes = AuthTranscript.bytes(
                binding: binding,
                hello: vector.hello.bytes,
                helloAnswer: vector.helloAnswer.bytes,
                clientID: vector.clientID.utf8
            )
            #expect(bytes == vector.transcript.bytes, "\(vector.name)")
        }
    }

    @Test(arguments: [
        ("127.0.0.1", 7_420, "127.0.0.1:7420"),
        ("::1", 1, "[::1]:1"),
        ("::ffff:127.0.0.1", 65_535, "127.0.0.1:65535"),
        ("2001:db8::ffff:1", 80, "[2001:db8::ffff:1]:80"),
    ])
    func addressesAreWrittenAsTheSpecificationSays(host: String, port: Int, text: String) {
        #expect(AuthTranscript.addressText(host: host, port: port) == text)
    }
}
