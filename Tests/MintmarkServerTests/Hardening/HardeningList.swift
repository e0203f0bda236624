import Testing

/// What the server is hardened against, a line each, and the tests that try it. The list is what a reviewer reads;
/// `HardeningListTests` sees to it that every line has its tests and that every name in it is a test.
enum HardeningList {
    enum Line: String, CaseIterable {
        // MARK: Network

        /// A listener takes a connection only when there is a place for it.
        case connectionCap
        /// There are no more places than descriptors, whatever is configured.
        case descriptorCap
        /// Without descriptors a listener pauses; it never spins.
        case descriptorExhaustion
        /// Nothing is read from a peer that takes no answers.
        case backPressure
        /// What is decoded and not answered, and what waits for the disk, is bounded for each connection.
        case inFlight
        /// What all connections hold together is bounded: beyond it new sessions are BUSY and the greedy wait.
        case totalMemory
        /// A connection on which no write gets on is closed.
        case writeDeadline
        /// A frame has a deadline that its bytes do not move.
        case frameDeadline
        /// So has a handshake.
        case handshakeDeadline
        /// A length is judged before anything is waited for or set aside.
        case frameLength
        /// What is claimed and not sent costs nothing.
        case claims
        /// No connection holds up the others of its event loop.
        case fairness
        /// Whoever is told to come again is told when.
        case retryHint
        /// Every frame may come in any pieces.
        case splits
        /// Bytes that are no protocol end their own connection at most.
        case mutations
        /// A stop ends in time, whatever peers do, with exit code 0.
        case stop

        // MARK: Secrets

        /// Keys stand in guarded, locked memory and nowhere else.
        case guardedMemory
        /// No core file is made, and none that is made by force holds a key.
        case coreFiles
        /// Cryptography that gives wrong answers keeps the server from starting.
        case selfTest
        /// No token and no key in any log, audit log or error text.
        case silence

        // MARK: Audit

        /// The audit log tells of sessions, reuse, revocations and administrators, in whole lines of JSON.
        case auditEvents
        /// Nobody but its owner changes the file, and it is appended to only.
        case auditFile
        /// Nothing is lost when the file is rotated, deleted, or its disk is full for a while.
        case auditRotation
        /// What administrators do is refused while nobody could be told of it.
        case auditFailsClosed
    }

    struct Trial: CustomTestStringConvertible, Sendable {
        let suite: String
        let test: String
        /// The folder of the suite, below `Tests`.
        let folder: String

        var testDescription: String { "\(suite).\(test)" }

        init(_ folder: String, _ suite: String, _ test: String) {
            self.folder = folder
            self.suite = suite
            self.test = test
        }
    }

    static let trials: [Trial] = Line.allCases.flatMap(trials)
}
