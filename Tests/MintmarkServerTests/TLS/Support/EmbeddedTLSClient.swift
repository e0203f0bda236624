import MintmarkWire
import NIOCore
import NIOEmbedded
import NIOSSL
import Testing

@testable import MintmarkServer

/// A TLS client of a `ConnectionFixture`, without sockets: what it encrypts comes to the server when a test says so, in
/// the pieces that it says. Confined to one test.
final class EmbeddedTLSClient {
    private let channel = EmbeddedChannel()
    private let fixture: ConnectionFixture

    /// Shakes hands with the server.
    init(_ fixture: ConnectionFixture, _ certificates: TestCertificates) throws {
        self.fixture = fixture
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .file(certificates.authority)
        configuration.applicationProtocols = ["mintmark/1"]
        configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(certificates.certificate("worker"))
            .map { .certificate($0) }
        configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: certificates.key("worker"), format: .pem))
        let context = try NIOSSLContext(configuration: configuration)
        let handler = try NIOSSLClientHandler(context: context, serverHostname: "localhost")
        try channel.pipeline.syncOperations.addHandler(handler)
        // Its future waits for the handshake.
        channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
        try exchange()
    }

    /// Lets both sides say what they have to say to each other.
    private func exchange() throws {
        while true {
            let requests = try takeEncrypted()
            if !requests.isEmpty { try deliver(requests) }
            let answers = try fixture.takeWritten()
            guard !requests.isEmpty || !answers.isEmpty else { return }
            if !answers.isEmpty { try channel.writeInbound(ByteBuffer(bytes: answers)) }
        }
    }

    private func takeEncrypted() throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) { bytes += buffer.readableBytesView }
        return bytes
    }

    /// What TLS says when nothing more comes.
    func farewell() throws -> [UInt8] {
        channel.close(mode: .output, promise: nil)
        return try takeEncrypted()
    }

    /// What TLS makes of these bytes: one record.
    func encrypt(_ bytes: [UInt8]) throws -> [UInt8] {
        try channel.writeOutbound(ByteBuffer(bytes: bytes))
        return try takeEncrypted()
    }

    /// Bytes come to the server's socket, in one read.
    func deliver(_ bytes: [UInt8]) throws {
        fixture.channel.pipeline.fireChannelRead(ByteBuffer(bytes: bytes))
        fixture.channel.pipeline.fireChannelReadComplete()
        fixture.takeTurns()
    }

    /// What the server has sent since the last call, decrypted.
    func answers() throws -> [Answer] {
        try exchange()
        var bytes: [UInt8] = []
        while let buffer = try channel.readInbound(as: ByteBuffer.self) { bytes += buffer.readableBytesView }
        return try Answer.all(in: bytes)
    }

    func greet() throws {
        try deliver(try encrypt(frame(HelloRequest.test)))
        #expect(try answers().map(\.status) == [nil])
    }
}
