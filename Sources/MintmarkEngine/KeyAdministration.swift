package import MintmarkTokens
import NIOConcurrencyHelpers

/// Changes the signing keys when asked to; what the engine needs of whoever keeps them. Called from any thread.
package protocol KeyAdministration: Sendable {
    /// The keys of now, in the order in which they came.
    var records: [KeyRecord] { get }

    /// When keys are replaced, and how long others may keep the published ones.
    var policy: KeyPolicy { get }

    /// Why a change is not done, as far as can be told without asking a disk; nil: as far as that goes it is. What is left
    /// is told with its outcome.
    func failure(of command: KeyCommand) -> KeyJob.Failure?

    /// Asks for a change, which is carried out behind all that were asked for before. Never waits for a disk. Nil: too
    /// many are waiting.
    ///
    /// Whoever carries it out wakes the event loops when the job has its outcome, which is when the change is durable and
    /// every burst that begins works with it.
    func submit(_ command: KeyCommand, by caller: KeyCaller) -> KeyJob?
}

/// A change of the signing keys.
package enum KeyCommand: Equatable, Sendable {
    case prepare
    case activate(keyID: [UInt8], immediately: Bool)
    case revoke(keyID: [UInt8])
    /// Takes up the key in a file of the key directory.
    case importFile(String)
}

/// Who asks for a change of the signing keys, for the audit log.
package struct KeyCaller: Equatable, Sendable {
    package let clientID: [UInt8]
    /// Where the connection comes from.
    package let peer: String?

    package init(clientID: [UInt8], peer: String?) {
        self.clientID = clientID
        self.peer = peer
    }
}

/// A change that was asked for, and in time what became of it. Lock-guarded; the same only as itself.
package final class KeyJob: Sendable, Equatable {
    /// What became of a change.
    package enum Outcome: Equatable, Sendable {
        /// It is durable. The key is the one that was made or taken up, or that signs now; `usableAt`, in seconds since
        /// 1970, is when it can be activated as it is.
        case done(keyID: [UInt8], usableAt: UInt64)
        case failed(Failure)
    }

    package enum Failure: Error, Equatable, Sendable {
        /// There is no such key, or no such file.
        case notFound
        /// The states of the keys do not allow it.
        case refused(KeyRefusal)
        /// A name that no key file can have.
        case fileName
        /// The file is no private key that only this server can read.
        case fileRefused
        /// Whether it is durable is not known.
        case storage
    }

    package let command: KeyCommand
    private let settled: NIOLockedValueBox<Outcome?>

    package init(_ command: KeyCommand) {
        self.command = command
        settled = NIOLockedValueBox(nil)
    }

    /// Nil while it is being carried out.
    package var outcome: Outcome? { settled.withLockedValue { $0 } }

    /// Tells the outcome, once.
    package func settle(_ outcome: Outcome) {
        settled.withLockedValue { settled in
            precondition(settled == nil, "a change of keys was settled twice")
            settled = outcome
        }
    }

    package static func == (left: KeyJob, right: KeyJob) -> Bool { left === right }
}
