/// What AUTH signs: the bytes that tie a signature to one client, one connection and one server.
public enum AuthTranscript {
    /// What a signature is bound to beside the handshake itself.
    public enum Binding: Hashable, Sendable {
        /// SHA-256 of the DER bytes of the server's leaf certificate on this connection: 32 bytes.
        case tls(certificateSHA256: [UInt8])

        /// The server's address and port on this connection, as `addressText` writes them.
        case loopback(address: String)
    }

    /// The transcript.
    ///
    /// - Parameters:
    ///   - binding: What the signature is bound to.
    ///   - hello: The client's whole HELLO frame, its length included.
    ///   - helloAnswer: The server's whole answer to it.
    ///   - clientID: The value of `client_id`.
    public static func bytes(
        binding: Binding,
        hello: some Collection<UInt8>,
        helloAnswer: some Collection<UInt8>,
        clientID: some Collection<UInt8>
    ) -> [UInt8] {
        var bytes = Array("mintmark/1 AUTH".utf8) + [0]
        switch binding {
        case .tls(let digest):
            bytes.append(1)
            append(digest, to: &bytes)
        case .loopback(let address):
            bytes.append(2)
            append(address.utf8, to: &bytes)
        }
        append(hello, to: &bytes)
        append(helloAnswer, to: &bytes)
        append(clientID, to: &bytes)
        return bytes
    }

    /// The text of a loopback binding.
    ///
    /// - Parameters:
    ///   - host: A numeric address as `inet_ntop` writes it; an IPv4 address mapped into IPv6 counts as IPv4.
    ///   - port: The port's number.
    public static func addressText(host: String, port: Int) -> String {
        let mapped = "::ffff:"
        if host.hasPrefix(mapped), host.contains(".") {
            return "\(host.dropFirst(mapped.count)):\(port)"
        }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    private static func append(_ part: some Collection<UInt8>, to bytes: inout [UInt8]) {
        let count = UInt32(part.count)
        for shift in stride(from: 24, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: count >> UInt32(shift)))
        }
        bytes += part
    }
}
