import MintmarkStorage

extension Settings {
    /// The settings below `limits`.
    enum Limits {
        private static let timeout = SettingType.duration(.milliseconds(10)...(.minutes(5)))

        static let frameLength = Setting(
            "limits.frame_length",
            .size(16_384...1_048_576),
            default: 65_536,
            "Greatest length of a frame, read or written."
        )
        static let inFlight = Setting(
            "limits.in_flight",
            .count(1...65_535, of: "requests"),
            default: 1024,
            "Requests read and not yet answered, per connection."
        )
        static let connections = Setting(
            "limits.connections",
            .count(1...1_048_576, of: "connections"),
            default: 1024,
            """
            Open connections, all listeners together. Where a Unix socket listens, 64 of them, or an eighth if that is less, \
            are kept for it.
            """
        )
        static let memory = Setting(
            "limits.memory",
            .size((1 << 20)...(64 << 30)),
            default: 256 << 20,
            """
            What all connections together may hold of unserved input, answers that wait for the disk and output that \
            was not taken. With more, who holds more than an equal share is answered BUSY to OPEN and REFRESH, and not \
            read but for the rest of a frame.
            """
        )
        static let queueTime = Setting(
            "limits.queue_time",
            .duration(.milliseconds(1)...(.minutes(1))),
            default: .milliseconds(100),
            """
            When requests have waited longer than this for a tenth of a second, the server is overloaded: until none has \
            for one to five seconds, what has waited longer than a quarter of it and would make or check a signature is answered BUSY. \
            A connection whose requests wait because it asks for more than the others is judged by itself, and refused alone.
            """
        )
        static let handshakeTimeout = Setting(
            "limits.handshake_timeout",
            timeout,
            default: .seconds(10),
            "From accepting a connection to the end of its handshake."
        )
        static let frameTimeout = Setting(
            "limits.frame_timeout",
            timeout,
            default: .seconds(30),
            "From the first byte of a frame to its last."
        )
        static let writeTimeout = Setting(
            "limits.write_timeout",
            timeout,
            default: .seconds(30),
            """
            A connection whose peer takes no bytes for this long, though some wait for it, is closed; while \
            `limits.memory` is held, also one whose peer takes few. The system tells of what a peer takes only when it \
            has taken some tens of kilobytes.
            """
        )
        static let shutdownTimeout = Setting(
            "limits.shutdown_timeout",
            timeout,
            default: .seconds(10),
            "How long requests in flight may take after the request to stop, and on a connection that ends."
        )

        static let all: [any DescribedSetting] = [
            frameLength, inFlight, connections, memory, queueTime, handshakeTimeout, frameTimeout, writeTimeout,
            shutdownTimeout,
        ]
    }

    /// The settings below `tokens`.
    enum Tokens {
        static let type = Setting(
            "tokens.type",
            .tokenType,
            default: "at+jwt",
            "The typ header of every access token, made and expected."
        )
        static let algorithm = Setting(
            "tokens.algorithm",
            SettingType<Configuration.Tokens.Algorithm>.choice,
            default: .edDSA,
            "The alg header that is written; both are accepted."
        )
        static let leeway = Setting(
            "tokens.leeway",
            .duration(.zero...(.minutes(5)), step: .seconds(1)),
            default: .seconds(30),
            "Clock difference that is forgiven when a token's times are checked."
        )
        static let cacheSize = Setting(
            "tokens.cache_size",
            .size(0...(64 << 30)),
            default: 64 << 20,
            "Memory for verified tokens; 0 turns the cache off."
        )
        static let signingKeyFile = Setting(
            "tokens.signing_key_file",
            .path,
            defaultMeaning: "DATA_DIRECTORY/signing-key.pem",
            "The Ed25519 signing key, PKCS #8 in PEM; credential:NAME in place of a path is what systemd passes by that name."
        )
        static let signingKeyPassphraseFile = Setting(
            "tokens.signing_key_passphrase_file",
            .optional(.path),
            default: nil,
            "File with the passphrase of the signing key, or credential:NAME."
        )

        static let all: [any DescribedSetting] = [
            type, algorithm, leeway, cacheSize, signingKeyFile, signingKeyPassphraseFile,
        ]
    }

    /// The settings below `sessions`.
    enum Sessions {
        static let max = Setting(
            "sessions.max",
            .count(1...100_000_000, of: "sessions"),
            default: 2_000_000,
            "Most sessions, revoked ones that are still remembered included; beyond them, new ones are rejected."
        )
        static let cutOffsMax = Setting(
            "sessions.cut_offs_max",
            .count(1...10_000_000, of: "cut-offs"),
            default: 100_000,
            "Most revocations of subjects and clients that are remembered; beyond them, such revocations are refused."
        )
        static let sweepInterval = Setting(
            "sessions.sweep_interval",
            .duration(.milliseconds(10)...(.hours(1))),
            default: .seconds(1),
            "How often sessions are looked through for expired ones: each is looked at once in sixty of these."
        )
        static let masterKeyFile = Setting(
            "sessions.master_key_file",
            .path,
            defaultMeaning: "DATA_DIRECTORY/master.key",
            """
            The key from which those of refresh tokens and of everything on the disk are derived: a file of 32 random bytes \
            that only the daemon's user or root can read, or credential:NAME. Only the default one is made by itself.
            """
        )

        static let all: [any DescribedSetting] = [max, cutOffsMax, sweepInterval, masterKeyFile]
    }

    /// The settings below `storage`.
    enum Storage {
        static let durability = Setting(
            "storage.durability",
            .durability,
            default: .always,
            flag: "--durability",
            """
            When an answer that tells of a change may leave: when the change is synced, when it is written and will be \
            synced within T, or at once. Revocations are synced first in every mode.
            """
        )
        static let snapshotInterval = Setting(
            "storage.snapshot_interval",
            .duration(.milliseconds(100)...(.hours(24))),
            default: .minutes(5),
            flag: "--snapshot-interval",
            "From one snapshot to the next. What the journal holds since the last one is read again at a start."
        )
        static let segmentSize = Setting(
            "storage.segment_size",
            .size(FileJournal.segmentByteCountMin...FileJournal.segmentByteCountMax),
            default: FileJournal.segmentByteCountMax,
            "Disk space that is set aside for the journal at a time."
        )

        static let all: [any DescribedSetting] = [durability, snapshotInterval, segmentSize]
    }
}
