extension ConfigurationDecoder {
    /// The settings below `admin`.
    mutating func admin() -> Configuration.Admin {
        let listen = value(Settings.Admin.listen)
        let remote = value(Settings.Admin.remote).value
        let hosts = list(Settings.Admin.hosts).value
        if let address = listen.value, !address.isLoopback, remote == .refuse {
            fault(
                listen.origin,
                "admin.listen: \(address) is no loopback address: whoever reaches it learns how the server is used; to "
                    + "allow it all the same, set admin.remote to allow"
            )
        }
        return Configuration.Admin(listen: listen.value, hosts: hosts)
    }
}
