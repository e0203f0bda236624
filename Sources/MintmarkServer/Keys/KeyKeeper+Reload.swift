import Logging
import MintmarkStorage
import NIOConcurrencyHelpers

extension KeyKeeper: Reloadable {
    var name: String { "signing keys" }

    static var settings: [String] {
        [
            Settings.Keys.rotation.name, Settings.Keys.publication.name, Settings.Keys.passphraseFile.name,
            Settings.Tokens.algorithm.name, Settings.TrustedIssuers.name,
        ]
    }

    func prepare(_ configuration: Configuration) throws(ReloadFailure) -> ReloadStep {
        let settings: KeyStore.Settings
        do throws(ServerKeys.Fault) {
            settings = try ServerKeys.settings(configuration, place)
        } catch {
            throw ReloadFailure("\(error)")
        }
        do throws(KeyStoreFailure) {
            let prepared = try prepare(settings, configuration.trustedIssuers)
            return { self.apply(prepared) }
        } catch {
            throw ReloadFailure("\(error)")
        }
    }
}

/// What is read anew while the server serves: other settings, key files, the files of trusted issuers.
extension KeyKeeper {
    /// What a reload takes over, read and not counting yet.
    struct Prepared: Sendable {
        var settings: KeyStore.Settings
        var found: KeyStore.FoundKeys
        fileprivate var issuerFiles: TrustedIssuerFiles
        fileprivate var changes: [TrustedIssuerFiles.Change]
    }

    /// Reads what other settings need. Changes nothing.
    func prepare(
        _ settings: KeyStore.Settings,
        _ issuers: [Configuration.TrustedIssuer]
    ) throws(KeyStoreFailure) -> Prepared {
        let (store, former) = state.withLockedValue { ($0.store, $0.issuerFiles) }
        var files = TrustedIssuerFiles(issuers)
        files.takeOver(from: former)
        let changes = files.look()
        let found = try store.readKeyDirectory(settings)
        return Prepared(settings: settings, found: found, issuerFiles: files, changes: changes)
    }

    /// Lets other settings count, and takes up key files that are new.
    func apply(_ prepared: Prepared) {
        // Behind what it tells of.
        defer { Self.log(prepared.changes, logger) }
        state.withLockedValue { state in
            state.issuerFiles = prepared.issuerFiles
            state.issuerFilesVersion += 1
            let failure = change(&state) { state in
                state.store.takeUp(prepared.found, prepared.settings, now: now)
            }
            if let failure {
                logger.error(
                    "the signing keys are not on the disk as they are; they are written again",
                    metadata: ["reason": .string("\(failure)")]
                )
            }
            publish(state.store, state.issuerFiles, state.profile)
            Self.log(state.store.leftOut, logger)
            if !state.store.isActiveKeyKept {
                logger.error(
                    """
                    the private half of the key that signs is in no file any more: put it back, or activate another key; \
                    else the next start is refused
                    """
                )
            }
        }
    }

    /// Reads the keys of trusted issuers whose files have changed. Nobody waits for it who changes keys: such a file may
    /// lie on a disk that hangs.
    func lookAtIssuers() {
        var (files, version) = state.withLockedValue { ($0.issuerFiles, $0.issuerFilesVersion) }
        let changes = files.look()
        // Behind what it tells of.
        defer { Self.log(changes, logger) }
        state.withLockedValue { state in
            // A reload that came meanwhile has read others.
            guard state.issuerFilesVersion == version else { return }
            state.issuerFiles = files
            if changes.contains(where: \.isRead) {
                publish(state.store, files, state.profile)
            }
        }
    }
}

extension TrustedIssuerFiles.Change {
    fileprivate var isRead: Bool {
        if case .read = self { true } else { false }
    }
}
