import MintmarkStorage

extension KeyKeeper: Reloadable {
    var name: String { "signing keys" }

    var settings: [String] {
        [
            Settings.Keys.rotation.name, Settings.Keys.publication.name, Settings.Keys.passphraseFile.name,
            Settings.Tokens.algorithm.name, Settings.TrustedIssuers.name,
        ]
    }

    /// Takes up keys that were put into the key directory, and makes durable what a longer life of tokens needs, before
    /// anything else counts: neither does harm when the rest is refused.
    func prepare(_ configuration: Configuration) throws(ReloadFailure) -> ReloadStep {
        let settings: KeyStore.Settings
        do throws(ServerKeys.Fault) {
            settings = try ServerKeys.settings(configuration, place)
        } catch {
            throw ReloadFailure("\(error)")
        }
        do throws(KeyStoreFailure) {
            try takeUp(settings)
        } catch {
            throw ReloadFailure("\(error)")
        }
        return { self.apply(settings, configuration.trustedIssuers) }
    }
}
