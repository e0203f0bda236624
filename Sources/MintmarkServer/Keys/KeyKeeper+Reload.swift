import MintmarkStorage

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
