extension ConfigurationDecoder {
    /// The settings below `tls`; nil where nothing listens with TLS.
    mutating func tls() -> Located<Configuration.TLS?> {
        let listen = list(Settings.TLS.listen)
        let certificate = value(Settings.TLS.certificate)
        let privateKey = value(Settings.TLS.privateKey)
        let clientCA = value(Settings.TLS.clientCA)
        let clientCertificates = value(Settings.TLS.clientCertificates)
        let isSound = listen.isSound && certificate.isSound && privateKey.isSound
        guard !listen.value.isEmpty else {
            return Located(value: nil, origin: listen.origin, isSound: listen.isSound)
        }
        for (name, path) in [("tls.certificate", certificate), ("tls.private_key", privateKey)]
        where path.isSound && path.value == nil {
            fault(listen.origin, "\(name): must be set where tls.listen is")
        }
        checkAuthorities(clientCA, clientCertificates, listen.origin)
        let tls = Configuration.TLS(
            listen: listen.value,
            certificate: certificate.value ?? "",
            privateKey: privateKey.value ?? "",
            clientCertificates: clientCertificates.value,
            clientCA: clientCA.value
        )
        return Located(value: tls, origin: listen.origin, isSound: isSound)
    }

    private mutating func checkAuthorities(
        _ clientCA: Located<String?>,
        _ certificates: Located<Configuration.TLS.ClientCertificates>,
        _ listenOrigin: ConfigurationOrigin
    ) {
        guard clientCA.isSound, certificates.isSound else { return }
        switch certificates.value {
        case .required, .optional:
            if clientCA.value == nil {
                let wayOut = "or tls.client_certificates be none"
                fault(listenOrigin, "tls.client_ca: must be set where tls.listen is, \(wayOut)")
            }
        case .none:
            if clientCA.value != nil {
                fault(clientCA.origin, "tls.client_ca: is of no use where tls.client_certificates is none")
            }
        }
    }

    /// Refuses listeners with TLS that other machines reach where callers are not told apart: a certificate says who
    /// calls, and only `clients` says what that caller may do.
    mutating func keepStrangersOut(_ tls: Located<Configuration.TLS?>, _ insecure: Settings.InsecureListeners) {
        guard insecure == .refuse, tls.isSound, let addresses = tls.value?.listen else { return }
        for address in addresses where !address.isLoopback {
            fault(
                tls.origin,
                "tls.listen: \(address) is no loopback address, and no clients are configured: whoever connects could "
                    + "make tokens; configure clients; \(Self.wayOut)"
            )
        }
    }

    /// Refuses listeners in clear that other machines reach.
    mutating func keepOthersOut(_ listen: Located<[ListenAddress]>, _ insecure: Settings.InsecureListeners) {
        guard insecure == .refuse else { return }
        for address in listen.value where !address.isLoopback {
            fault(
                listen.origin,
                "listen: \(address) is no loopback address: connections are neither encrypted nor authenticated, so "
                    + "other machines must not reach them; use tls.listen; \(Self.wayOut)"
            )
        }
    }

    private static let wayOut = "to allow it all the same, set insecure_listeners to allow"
}
