extension MintmarkError {
    /// What kind of failure it is. More may be added.
    public struct Code: Hashable, Sendable {
        enum Name: String {
            case server
            case cannotConnect
            case tlsSettingsUnusable
            case tlsHandshakeFailed
            case serverUntrusted
            case plaintextRefused
            case authenticationRequired
            case protocolViolation
            case connectionLost
            case deadlineExceeded
            case queueFull
            case invalidRequest
            case cancelled
            case shutDown
        }

        let name: Name

        private init(_ name: Name) {
            self.name = name
        }

        /// The server answered an error; ``MintmarkError/status`` says which.
        public static let server = Code(.server)

        /// No connection could be opened in time; the request was not sent.
        public static let cannotConnect = Code(.cannotConnect)

        /// A file that ``TLSSettings`` names cannot be read or used. It is read again for the next connection.
        public static let tlsSettingsUnusable = Code(.tlsSettingsUnusable)

        /// What answers speaks no TLS, or none in common, or has refused the certificate that this client shows.
        public static let tlsHandshakeFailed = Code(.tlsHandshakeFailed)

        /// The process behind the Unix socket belongs to a user that the client does not trust, or the certificate that
        /// the server shows over TLS does not prove that it is the one that was meant.
        public static let serverUntrusted = Code(.serverUntrusted)

        /// The server is not on this machine, and plaintext beyond loopback was not allowed.
        public static let plaintextRefused = Code(.plaintextRefused)

        /// The server wants to know who calls, and ``MintmarkClient/Configuration/identity`` does not say.
        public static let authenticationRequired = Code(.authenticationRequired)

        /// The server does not keep to the protocol.
        public static let protocolViolation = Code(.protocolViolation)

        /// The connection ended before the answer came, and the request was not to be repeated, or not any more.
        public static let connectionLost = Code(.connectionLost)

        /// The call's time is over, and there was a connection: the server has not answered, or has let it wait.
        public static let deadlineExceeded = Code(.deadlineExceeded)

        /// As many calls wait for a connection as may.
        public static let queueFull = Code(.queueFull)

        /// The request cannot be sent: it is too large, or the configuration cannot be used.
        public static let invalidRequest = Code(.invalidRequest)

        /// The task that made the call was cancelled.
        public static let cancelled = Code(.cancelled)

        /// The client was shut down.
        public static let shutDown = Code(.shutDown)
    }
}

extension MintmarkError.Code: CustomStringConvertible {
    /// The code's name, such as `deadlineExceeded`.
    public var description: String { name.rawValue }
}
