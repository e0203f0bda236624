import NIOCore
import NIOEmbedded
import Testing

@testable import MintmarkServer

/// How long a handshake may be, to the byte.
@Suite struct TLSHandshakeLengthTests {
    /// The beginning of a first message of 16 000 bytes, one byte to a record: six bytes of TLS for each of them, and no
    /// end of it within what a handshake may take.
    private static func endlessHello(_ byteCount: Int) -> [UInt8] {
        let message: [UInt8] = [1, 0, 0x3E, 0x80, 3, 3] + [UInt8](repeating: 7, count: 16_000 - 2)
        return Array(message.lazy.flatMap { [22, 3, 1, 0, 1, $0] }.prefix(byteCount))
    }

    @Test(arguments: [(-1, false), (0, false), (1, true)])
    func handshakesHaveABound(excess: Int, isCut: Bool) throws {
        let source = try TestCertificates.shared.get().source()
        let fixture = try ConnectionFixture { $0.tls = source }
        let bytes = Self.endlessHello(TLSGate.handshakeBytesMax + excess)
        #expect(bytes.count == TLSGate.handshakeBytesMax + excess)
        // So much before the bound that its last bytes come one by one.
        let bulk = TLSGate.handshakeBytesMax - 10
        for start in stride(from: 0, to: bulk, by: TLSGate.handshakeReadBytes) {
            try fixture.receive(Array(bytes[start..<min(bulk, start + TLSGate.handshakeReadBytes)]))
        }
        for byte in bytes[bulk...] {
            #expect(fixture.channel.isActive)
            try fixture.receive([byte])
        }
        #expect(fixture.channel.isActive == !isCut)
        #expect(fixture.count("tls_handshakes_too_long") == (isCut ? 1 : 0))
        #expect(fixture.count("tls_handshakes_failed") == 0)
    }

    /// What comes in one piece is not counted to the byte: the bound is passed by one read at most.
    @Test func thePieceThatPassesTheBoundIsTheLast() throws {
        let source = try TestCertificates.shared.get().source()
        let fixture = try ConnectionFixture { $0.tls = source }
        let bytes = Self.endlessHello(TLSGate.handshakeBytesMax + TLSGate.handshakeReadBytes)
        try fixture.receive(Array(bytes.prefix(TLSGate.handshakeBytesMax - 1)))
        try fixture.receive(Array(bytes[(TLSGate.handshakeBytesMax - 1)...].dropLast()))
        #expect(fixture.channel.isActive)
        try fixture.receive(Array(bytes.suffix(1)))
        #expect(!fixture.channel.isActive)
        #expect(fixture.count("tls_handshakes_too_long") == 1)
    }
}
