import Glibc
package import MintmarkCrypto
package import MintmarkTokens

/// What the signing keys of a data directory are, as `check` reports it.
package struct KeyFindings: Equatable, Sendable {
    /// Nil where none was made yet, or where it cannot be read.
    package var ledger: KeyLedger?
    /// Why a start refuses; nil when nothing is known that stands against it.
    package var failure: KeyStoreFailure?
    /// What kept the private halves from being looked at, and need not stop a daemon: one that is encrypted, or another
    /// user's.
    package var unjudged: KeyStoreFailure?

    package init() {}
}

/// Reads the signing keys of a data directory as a start would. Changes nothing.
package enum KeyCheck {
    /// - Parameters:
    ///   - data: the data directory.
    ///   - keys: the directory of signing keys; nil: there is none.
    ///   - master: the 32-byte master key that opens the store.
    ///   - now: seconds since 1970.
    package static func run(
        data: any SecretDirectory,
        keys: (any SecretDirectory)?,
        master: SecretBytes,
        named: KeyStore.Named,
        now: UInt64
    ) -> KeyFindings {
        var findings = KeyFindings()
        do throws(KeyStoreFailure) {
            findings.ledger = try KeyStoreOpening.ledger(in: data, KeyLedger.authenticator(master: master))
            // What the settings say of rotation decides nothing here.
            let policy = KeyPolicy(rotationSeconds: nil, publicationSeconds: 0, tokenLifetimeSeconds: 0)
            _ = try KeyStoreOpening(
                data: data,
                keys: keys,
                master: master,
                named: named,
                settings: KeyStore.Settings(policy: policy, algorithm: .edDSA),
                now: now
            )
        } catch {
            if error.mayBeOursAlone {
                findings.unjudged = error
            } else {
                findings.failure = error
            }
        }
        return findings
    }
}

extension KeyStoreFailure {
    /// Whether the daemon, which knows the passphrase and runs as its own user, need not meet this.
    fileprivate var mayBeOursAlone: Bool {
        switch self {
        case .key(_, .passphraseNeeded), .file(.foreignOwner), .file(.system(_, _, EACCES)): true
        default: false
        }
    }
}
