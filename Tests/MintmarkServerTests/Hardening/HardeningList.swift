import Testing

/// What the server is hardened against, a line each, and the tests that try it. The list is what a reviewer reads;
/// `HardeningListTests` sees to it that every line has its tests and that every name in it is a test.
enum HardeningList {
    enum Line: String, CaseIterable {
        // MARK: Access tokens

        /// Three parts of strict base64url, of which each token has one spelling; their length is judged first.
        case tokenShape
        /// Header and claims are strict JSON: no duplicates, no other encodings, no depth without a bound.
        case tokenJSON
        /// Only the two names of the one algorithm.
        case tokenAlgorithm
        /// A token names its key, and brings none; what is unknown, retired or revoked is never replaced by another.
        case tokenKey
        /// Issuer, audience and times are checked, without overflow, and leeway forgives in the safe direction.
        case tokenClaims
        /// The signature comes before the claims, and each reason is a status of its own.
        case tokenOrder
        /// Signatures are those of the standard, in one spelling, by good keys.
        case tokenSignature
        /// SIGN makes no token that its caller may not have.
        case tokenGrants

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
        /// Who asks for more than can be done is served as much as can be done in time, and told BUSY of the rest.
        case overload
        /// Whoever is told to come again is told when.
        case retryHint
        /// Every frame may come in any pieces.
        case splits
        /// Bytes that are no protocol end their own connection at most.
        case mutations
        /// What fuzzing has found, and what it keeps, is tried in every run, under the sanitizers too.
        case fuzzing
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

        /// What was read of a key is wiped, and none comes from an argument.
        case keyReading
        /// Key files that others can read, links and wrong owners are refused.
        case keyFiles
        /// A key is published before it signs, verifies its last token for its whole life, and then goes.
        case keyLife
        /// Exactly one key signs after a crash at any step.
        case keyCrashes
        /// A revoked key's tokens fail at once, cached ones too, also after a restart.
        case keyRevocation

        // MARK: Callers

        /// Without clients everybody is `local`, who administers on the Unix socket alone.
        case localClient
        /// Other machines reach nothing that does not encrypt or lets in callers it does not know.
        case listenersBeyondLoopback
        /// The file of the Unix socket is never open to others, and a stale one is told from one in use.
        case unixSocket
        /// The user at the other end is who the kernel says it is.
        case peerUser
        /// Each refused TLS handshake is counted under its own name.
        case tlsHandshakes
        /// Plaintext to a TLS port, and the reverse, is answered as far as the protocol allows.
        case wrongTransport
        /// Certificates are replaced without dropping a request; bad ones keep the old.
        case certificateReload
        /// A signature of AUTH is good for its own connection, once.
        case authentication
        /// Before authentication time, input and output are bounded.
        case unauthenticated
        /// A caller does what is permitted, and a refusal names the rule.
        case permissions
        /// Rates are kept, and hide no terminal answer.
        case rates
        /// A reload changes the permissions of open connections and closes those whose authority is gone.
        case callerReload

        // MARK: Audit

        /// The audit log tells of sessions, reuse, revocations and administrators, in whole lines of JSON.
        case auditEvents
        /// Nobody but its owner changes the file, and it is appended to only.
        case auditFile
        /// Nothing is lost when the file is rotated, deleted, or its disk is full for a while.
        case auditRotation
        /// What administrators do is refused while nobody could be told of it.
        case auditFailsClosed

        // MARK: A good sidecar

        /// Asked to stop it accepts nobody, answers what it has accepted, writes a snapshot and ends with exit code 0.
        case gracefulStop
        /// SIGHUP takes configuration, keys and certificates over together; one fault keeps everything as it was.
        case reload
        /// The service manager is told what is true, and the watchdog is fed by the event loops.
        case serviceManager
        /// Liveness is that the loops answer, readiness is the disk, too.
        case health
        /// The unit is as closed as it can be, and the program lives under it.
        case serviceUnit
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
