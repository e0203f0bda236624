extension ConfigurationDecoder {
    /// Where the server listens, before it is known which clients there are.
    struct Listeners {
        let clear: Located<[ListenAddress]>
        let unix: Located<String?>
        let insecure: Settings.InsecureListeners
        let tls: Located<Configuration.TLS?>
        let admin: AdminSettings
    }

    mutating func listeners() -> Listeners {
        let listeners = Listeners(
            clear: list(Settings.listen),
            unix: value(Settings.unix),
            insecure: value(Settings.insecureListeners).value,
            tls: tls(),
            admin: adminSettings()
        )
        let (clear, unix, tls) = (listeners.clear, listeners.unix, listeners.tls)
        if clear.isSound, unix.isSound, tls.isSound, clear.value.isEmpty, unix.value == nil, tls.value == nil {
            fault(clear.origin, "listen: an empty list, and neither a unix socket nor tls.listen: nobody could call")
        }
        keepOthersOut(clear, listeners.insecure)
        keepApart(listeners)
        return listeners
    }

    /// One address to listen on, and what names it.
    private struct Place {
        let name: String
        let origin: ConfigurationOrigin
        let address: ListenAddress
    }

    /// Refuses addresses of which only one could be listened on.
    private mutating func keepApart(_ listeners: Listeners) {
        let (clear, tls, admin) = (listeners.clear, listeners.tls, listeners.admin)
        // What could not be read is not told a second time.
        guard clear.isSound, tls.isSound, admin.listen.isSound, admin.authzListen.isSound else { return }
        var places = clear.value.map { Place(name: Settings.listen.name, origin: clear.origin, address: $0) }
        places += (tls.value?.listen ?? []).map {
            Place(name: Settings.TLS.listen.name, origin: tls.origin, address: $0)
        }
        for (name, listen) in [
            (Settings.Admin.listen.name, admin.listen), (Settings.Admin.authzListen.name, admin.authzListen),
        ] {
            if let address = listen.value {
                places.append(Place(name: name, origin: listen.origin, address: address))
            }
        }
        for (index, place) in places.enumerated() {
            guard let earlier = places[..<index].first(where: { $0.address.collides(with: place.address) }) else {
                continue
            }
            let areOfBothKinds = place.address.isIPv6 != earlier.address.isIPv6
            let hasWildcard = [place.address, earlier.address].contains { $0.isIPv6 && $0.isWildcard }
            let why = areOfBothKinds && hasWildcard ? ": :: is every address of IPv4, too" : ""
            fault(
                place.origin == .builtIn ? earlier.origin : place.origin,
                "\(place.name): \(place.address) cannot be listened on beside \(earlier.address) of \(earlier.name)\(why)"
            )
        }
    }
}
