import ArgumentParser
import MintmarkClient

/// Whom to believe over TLS, and what to show. What no option says is taken from the environment.
struct CertificateOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "PEM file of the authorities that vouch for the server. (default: $MINTMARK_CA, or the system's)",
            valueName: "file"
        )
    )
    var ca: String?

    @Option(
        help: ArgumentHelp(
            "PEM file of the certificate to show to the server. (default: $MINTMARK_CERT)",
            valueName: "file"
        )
    )
    var cert: String?

    @Option(
        help: ArgumentHelp("PEM file of that certificate's private key. (default: $MINTMARK_KEY)", valueName: "file")
    )
    var key: String?

    @Option(
        help: ArgumentHelp("The name in the server's certificate, if it is not the host of --tls.", valueName: "name")
    )
    var serverName: String?

    /// What a connection with TLS is made with.
    func settings(_ variables: ServerVariables) throws(UsageError) -> TLSSettings {
        // The two belong together: an option never goes with a variable.
        let isGiven = cert != nil || key != nil
        let identity: TLSSettings.Identity?
        switch isGiven ? (cert, key) : (variables.certificate, variables.privateKey) {
        case (let certificate?, let key?):
            identity = TLSSettings.Identity(certificatePath: certificate, privateKeyPath: key)
        case (nil, nil):
            identity = nil
        default:
            let names = isGiven ? "--cert and --key" : "\(ServerVariables.certName) and \(ServerVariables.keyName)"
            throw UsageError("give \(names) together")
        }
        let authorities = ca ?? variables.authorities
        return TLSSettings(
            trustRoots: authorities.map { .file(path: $0) } ?? .system,
            identity: identity,
            serverName: serverName
        )
    }

    /// Refuses options that would do nothing.
    func checkUnused() throws(UsageError) {
        guard [ca, cert, key, serverName].allSatisfy({ $0 == nil }) else {
            throw UsageError("--ca, --cert, --key and --server-name go with --tls only")
        }
    }
}
