import Logging
import MintmarkEngine
import MintmarkSessions
import MintmarkStorage
import MintmarkTokens
import NIOConcurrencyHelpers
import NIOPosix

/// Owns the signing keys while the server serves: changes them when asked to and when it is time, and lets every change
/// count. Also looks after the keys of trusted issuers.
///
/// Changes are carried out one after the other on a thread of their own, because they wait for the disk; nothing that
/// answers requests waits for that thread.
final class KeyKeeper: KeyAdministration, Sendable {
    /// Most changes that wait for their turn.
    static let jobsMax = 64

    /// What tokens are made with beside the keys.
    struct Profile: Sendable {
        var tokens: TokenProfile
        var cache: VerifiedTokenCache?
        var leewaySeconds: UInt32
    }

    struct State: Sendable {
        var store: KeyStore
        var issuerFiles: TrustedIssuerFiles
        /// Grows with each reload.
        var issuerFilesVersion = 0
        var profile: Profile
        /// By what keys rotate and go.
        var wall = SettledWallClock()
        /// The reason that was told last why keys cannot be changed; nil: they can.
        var complaint: String?
    }

    struct Published: Sendable {
        var ledger: KeyLedger
        var policy: KeyPolicy
        /// By how much the clock of keys was ahead of what can be believed, when that was looked at last.
        var leadSeconds: UInt64 = 0
        var waitingCount = 0
        /// Changes whose outcome was not told yet.
        var untoldCount = 0
        /// Waits until there are none.
        var stopped: CheckedContinuation<Void, Never>?
    }

    let tokens: CurrentTokenService
    /// Held by the keeper's thread for as long as a change takes.
    let state: NIOLockedValueBox<State>
    /// What the event loops see.
    let published: NIOLockedValueBox<Published>
    private let threads = NIOThreadPool(numberOfThreads: 1)
    /// Reads the files of trusted issuers.
    private let issuerThreads = NIOThreadPool(numberOfThreads: 1)
    private let instant: @Sendable () -> SessionInstant
    private let wake: NIOLockedValueBox<@Sendable () -> Void>
    /// Where secrets are that settings name.
    let place: SecretPlace
    let audit: (any AuditTrail)?
    let logger: Logger

    /// - Parameters:
    ///   - instant: the clocks.
    ///   - audit: nil: there is no audit log.
    init(
        store: KeyStore,
        issuers: [Configuration.TrustedIssuer],
        profile: Profile,
        instant: @escaping @Sendable () -> SessionInstant,
        place: SecretPlace,
        audit: (any AuditTrail)? = nil,
        logger: Logger
    ) throws(KeyRingError) {
        var files = TrustedIssuerFiles(issuers)
        Self.log(files.look(), logger)
        tokens = CurrentTokenService(try Self.service(store, files, profile, after: nil))
        state = NIOLockedValueBox(State(store: store, issuerFiles: files, profile: profile))
        published = NIOLockedValueBox(Published(ledger: store.ledger, policy: store.settings.policy))
        wake = NIOLockedValueBox({})
        self.instant = instant
        self.place = place
        self.audit = audit
        self.logger = logger
        Self.log(store.leftOut, logger)
    }

    /// Says who is to be told when a change has its outcome.
    func onSettled(_ wake: @escaping @Sendable () -> Void) {
        self.wake.withLockedValue { $0 = wake }
    }

    // MARK: Threads

    func start() {
        threads.start()
        issuerThreads.start()
    }

    /// Finishes the change that is under way; of those that wait the outcome is told as unknown. To be
    /// called once.
    func stop() async {
        try? await threads.shutdownGracefully()
        try? await issuerThreads.shutdownGracefully()
        // The threads are gone; those jobs that they did not get to may still be on their way to being told.
        await withCheckedContinuation { continuation in
            let isOver = published.withLockedValue { published in
                if published.untoldCount > 0 { published.stopped = continuation }
                return published.untoldCount == 0
            }
            if isOver { continuation.resume() }
        }
    }

    /// Does what time asks for, on the keeper's thread.
    func scheduleCatchUp() {
        threads.submit { work in
            guard work == .active else { return }
            self.catchUp()
        }
        issuerThreads.submit { work in
            guard work == .active else { return }
            self.lookAtIssuers()
        }
    }

    // MARK: Administration

    /// The clock that keys live by, in seconds since 1970; each reading may wait for a lock.
    var now: UInt64 { instant().keySeconds }

    var records: [KeyRecord] { published.withLockedValue { $0.ledger.records } }

    var policy: KeyPolicy { published.withLockedValue { $0.policy } }

    func failure(of command: KeyCommand) -> KeyJob.Failure? {
        let (ledger, policy, leadSeconds) = published.withLockedValue { ($0.ledger, $0.policy, $0.leadSeconds) }
        switch command {
        case .prepare:
            return ledger.liveCount < KeyLimits.liveKeysMax ? nil : .refused(.full)
        case .importFile(let name):
            return KeyStore.isKeyFile(name) ? nil : .fileName
        case .activate(let keyID, let immediately):
            guard ledger.knownRecord(withID: keyID) != nil else { return .notFound }
            let refusal = ledger.refusal(
                ofActivating: keyID,
                atOnce: immediately,
                policy: policy,
                now: now,
                leadSeconds: leadSeconds
            )
            return refusal.map { KeyJob.Failure(.refused($0)) }
        case .revoke(let keyID):
            return ledger.knownRecord(withID: keyID) == nil ? .notFound : nil
        }
    }

    func submit(_ command: KeyCommand, by caller: KeyCaller) -> KeyJob? {
        let isTaken = published.withLockedValue { published in
            guard published.waitingCount < Self.jobsMax else { return false }
            published.waitingCount += 1
            published.untoldCount += 1
            return true
        }
        guard isTaken else { return nil }
        let job = KeyJob(command)
        threads.submit { work in
            let outcome: KeyJob.Outcome = work == .active ? self.perform(command, by: caller) : .failed(.storage)
            // Before anybody hears of it, who may ask for another.
            self.published.withLockedValue { $0.waitingCount -= 1 }
            job.settle(outcome)
            self.wake.withLockedValue { $0 }()
            self.told()
        }
        return job
    }

    private func told() {
        let stopped = published.withLockedValue { published in
            published.untoldCount -= 1
            guard published.untoldCount == 0 else { return CheckedContinuation<Void, Never>?.none }
            defer { published.stopped = nil }
            return published.stopped
        }
        stopped?.resume()
    }

    /// Carries a change out; the thread that calls waits for the disk.
    func perform(_ command: KeyCommand, by caller: KeyCaller) -> KeyJob.Outcome {
        state.withLockedValue { state in
            do throws(KeyStoreFailure) {
                return try change(&state, by: caller, importing: command.file) { (state) throws(KeyStoreFailure) in
                    try self.perform(command, &state)
                }
            } catch {
                logger.warning("the signing keys were not changed", metadata: ["reason": .string("\(error)")])
                return .failed(KeyJob.Failure(error))
            }
        }
    }

    private func perform(_ command: KeyCommand, _ state: inout State) throws(KeyStoreFailure) -> KeyJob.Outcome {
        let moment = instant()
        let now = moment.keySeconds
        switch command {
        case .prepare:
            let record = try state.store.prepare(now: now)
            return .done(keyID: record.keyID, usableAt: state.store.usableAt(record))
        case .activate(let keyID, let immediately):
            let leadSeconds = settleLead(at: moment, &state)
            try state.store.activate(keyID, immediately: immediately, now: now, leadSeconds: leadSeconds)
        case .revoke(let keyID):
            let (files, profile) = (state.issuerFiles, state.profile)
            try state.store.revoke(keyID, now: now) { store in self.publish(store, files, profile) }
        case .importFile(let file):
            let record = try state.store.importKey(file, now: now)
            return .done(keyID: record.keyID, usableAt: state.store.usableAt(record))
        }
        let active = state.store.ledger.active
        return .done(keyID: active.keyID, usableAt: state.store.usableAt(active))
    }

    /// Lets the settled clock go on, and publishes by how much the clock of keys is ahead of what can be believed.
    private func settleLead(at instant: SessionInstant, _ state: inout State) -> UInt64 {
        let patience = state.store.ledger.patienceSeconds(policy: state.store.settings.policy)
        // At a start the clock is believed: how long nothing ran, nobody else knows.
        let settled = state.wall.seconds(at: instant, start: 0, patienceSeconds: patience)
        let leadSeconds = instant.keySeconds - min(settled, instant.keySeconds)
        published.withLockedValue { $0.leadSeconds = leadSeconds }
        return leadSeconds
    }

    /// Does what time asks for; the thread that calls waits for the disk.
    func catchUp() {
        state.withLockedValue { state in
            let moment = instant()
            let leadSeconds = settleLead(at: moment, &state)
            do throws(KeyStoreFailure) {
                try change(&state) { (state) throws(KeyStoreFailure) in
                    try state.store.catchUp(now: moment.keySeconds, leadSeconds: leadSeconds)
                }
                state.complaint = nil
            } catch {
                let reason = "\(error)"
                if state.complaint != reason {
                    state.complaint = reason
                    logger.error(
                        "the signing keys cannot be changed; they stay as they are",
                        metadata: [
                            "reason": .string(reason)
                        ]
                    )
                }
            }
        }
    }

    /// Runs one change, lets what it changed count, whatever became of it, and tells of it.
    func change<Result, Failure: Error>(
        _ state: inout State,
        by caller: KeyCaller? = nil,
        importing file: String? = nil,
        _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let before = state.store.ledger
        defer {
            if state.store.ledger != before {
                publish(state.store, state.issuerFiles, state.profile)
                for change in state.store.ledger.changes(since: before) {
                    tell(change, by: caller, importing: file)
                }
            }
        }
        return try body(&state)
    }

}

extension SessionInstant {
    /// The clock that keys live by, in seconds since 1970: that of the tokens they sign, but for a jump ahead that is too
    /// far to be believed.
    fileprivate var keySeconds: UInt64 { min(wallSeconds, storeSeconds) }
}

extension KeyCommand {
    /// The file that a key is taken from.
    fileprivate var file: String? {
        if case .importFile(let file) = self { file } else { nil }
    }
}

extension KeyJob.Failure {
    fileprivate init(_ failure: KeyStoreFailure) {
        self =
            switch failure {
            case .storage, .encryption: .storage
            case .file(.missing): .notFound
            case .file, .key: .fileRefused
            case .name: .fileName
            case .refused(.unknown): .notFound
            case .refused(let refusal): .refused(refusal)
            case .ledger, .ledgerMissing, .activeKeyMissing: .storage
            }
    }
}
