/// What lies between a caller and its first request, step by step. The raw value is the place in tables.
enum HandshakeStep: Int, CaseIterable, Hashable, Sendable {
    /// A connection of TCP, or of a Unix socket.
    case connect
    /// TLS, where it is spoken.
    case secure
    /// HELLO, and AUTH where the server asks for it.
    case greet

    var name: String {
        switch self {
        case .connect: "connect"
        case .secure: "tls"
        case .greet: "hello"
        }
    }
}
