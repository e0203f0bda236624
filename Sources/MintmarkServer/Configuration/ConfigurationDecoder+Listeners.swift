extension ConfigurationDecoder {
    /// Refuses addresses of which only one could be listened on.
    mutating func keepListenersApart(
        _ listen: Located<[ListenAddress]>,
        _ tls: Located<Configuration.TLS?>,
        _ admin: AdminSettings
    ) {
        // What could not be read is not told a second time.
        guard listen.isSound, tls.isSound, admin.listen.isSound, admin.authzListen.isSound else { return }
        let listeners =
            listen.value.map { (Settings.listen.name, listen.origin, $0) }
            + (tls.value?.listen ?? []).map { (Settings.TLS.listen.name, tls.origin, $0) }
            + [admin.listen.value].compactMap(\.self).map { (Settings.Admin.listen.name, admin.listen.origin, $0) }
            + [admin.authzListen.value].compactMap(\.self)
            .map { (Settings.Admin.authzListen.name, admin.authzListen.origin, $0) }
        for (index, (name, origin, address)) in listeners.enumerated() {
            guard let earlier = listeners[..<index].first(where: { $0.2.collides(with: address) }) else { continue }
            fault(
                origin == .builtIn ? earlier.1 : origin,
                "\(name): \(address) cannot be listened on beside \(earlier.2) of \(earlier.0)"
            )
        }
    }
}
