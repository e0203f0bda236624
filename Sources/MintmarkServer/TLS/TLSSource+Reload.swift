/// New certificates for new connections, while those that are open keep theirs.
extension TLSSource: Reloadable {
    var name: String { "tls" }

    static var settings: [String] {
        [
            Settings.TLS.certificate.name, Settings.TLS.privateKey.name, Settings.TLS.clientCA.name,
            Settings.TLS.clientCertificates.name,
        ]
    }

    func prepare(_ configuration: Configuration) throws(ReloadFailure) -> ReloadStep {
        guard let tls = configuration.tls else {
            // The listeners stay until the next start, and so does what they show.
            return {}
        }
        do throws(TLSFiles.Fault) {
            let context = try TLSFiles.load(tls, atSeconds: Int64(clamping: wallSeconds()))
            return { self.replace(by: context) }
        } catch {
            throw ReloadFailure("\(error)")
        }
    }
}
