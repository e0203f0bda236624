extension MintmarkClient {
    /// How a client finds its server, and how patient it is.
    public struct Configuration: Hashable, Sendable {
        /// Where the server listens. Where there are several they are the same server: Unix sockets are tried first,
        /// then the others in their order.
        public var endpoints: [Endpoint]

        /// The client software's name, for the server's logs: 1 to 64 bytes.
        public var clientName = "mintmark-swift"

        /// Who this program is to a server that wants to know it by a key. Nil: it has no key, and a server that tells
        /// callers apart must know it by something else, such as the user it runs as on a Unix socket.
        public var identity: ClientIdentity?

        /// The most connections that are open at the same time.
        public var connectionsMax = 2

        /// Once every open connection has this many unanswered requests, another is opened.
        public var requestsPerConnectionTarget = 64

        /// The most calls that wait for a connection with room. More are refused with
        /// ``MintmarkError/Code/queueFull``. As many may pause between two attempts; more fail as their last attempt did.
        public var waitingCallsMax = 16_384

        /// How long a call may take, repetitions included, where it does not say so itself. Then it fails with
        /// ``MintmarkError/Code/deadlineExceeded``, or, if it was never sent because there was no connection, with why
        /// not, such as ``MintmarkError/Code/cannotConnect``.
        public var requestTimeout = Duration.seconds(5)

        /// How long calls wait while no connection can be opened. Then they fail with why not, such as
        /// ``MintmarkError/Code/cannotConnect``.
        public var connectTimeout = Duration.seconds(2)

        /// How long a connection with unanswered requests may be silent before it is given up, and they are sent again
        /// elsewhere. Requests for snapshots and changes of keys do not count: they take as long as the server's disk
        /// needs. Must be well below the grace window of the server's policy (10 s by default): a refresh that is repeated
        /// on another connection too late would count as reuse.
        public var silenceMax = Duration.seconds(3)

        /// The pauses between attempts to connect, and between repetitions after a retryable error. Before a REFRESH is
        /// repeated none is longer than a second, so that several tries fit into its grace window.
        public var backoff = BackoffRange()

        /// How often a request is sent at most.
        public var attemptsMax = 10

        /// How long after it was first sent REFRESH may be repeated, if it may have been carried out. Must be shorter
        /// than the grace window of the server's policy (10 s by default): a repetition behind it would count as reuse
        /// and end the session.
        public var refreshRepetitionMax = Duration.seconds(5)

        /// Whether to speak plaintext TCP to other machines. Whoever listens in can take every token. Where it is not
        /// allowed, a numeric address of another machine among the endpoints makes every call fail at once with
        /// ``MintmarkError/Code/plaintextRefused``; a name is looked up first.
        public var allowsPlaintextBeyondLoopback = false

        /// The users that a server behind a Unix socket may run as. Nil means root and the user of this process, unless that is
        /// 65534, which many users look like inside a user namespace.
        public var serverUserIDs: Set<UInt32>?

        /// A client of one server with several endpoints, at least one.
        public init(endpoints: [Endpoint]) {
            self.endpoints = endpoints
        }

        /// A client of a server with one endpoint.
        public init(_ endpoint: Endpoint) {
            self.init(endpoints: [endpoint])
        }
    }

    /// Pauses that double from the first to the greatest, and of which between one half and the whole is waited.
    public struct BackoffRange: Hashable, Sendable {
        /// The pause behind the first failure.
        public var initial: Duration

        /// The greatest pause.
        public var max: Duration

        /// Makes a range.
        public init(initial: Duration = .milliseconds(50), max: Duration = .seconds(5)) {
            self.initial = initial
            self.max = max
        }
    }
}
