import MintmarkEngine
import MintmarkStorage

extension Configuration {
    /// What an operator should know whenever this is taken over, at a start and at a reload.
    package var warnings: [String] {
        var warnings = callerWarnings
        if storage.durability == .snapshot {
            warnings.append("durability is 'snapshot': a crash takes back what changed since the last snapshot")
        }
        let recordBytes = tls == nil ? 0 : TLSRecordMeter.recordBytesMax
        let unfinished = limits.connections * (limits.frameLengthBytes + recordBytes)
        if unfinished > limits.memoryBytes {
            warnings.append(
                "limits.memory is less than the \(unfinished) bytes that the parts of a frame take on all of limits.connections: "
                    + "callers that send slowly can hold as much"
            )
        }
        if tls == nil, let name = settingOfTLS {
            warnings.append("\(name) is set and tls.listen is not: nothing speaks TLS")
        }
        if auditFile == nil {
            warnings.append("no audit log is kept; audit_file names one")
        }
        return warnings
    }

    /// The first that somebody has set.
    private var settingOfTLS: String? {
        effective.first { $0.name.hasPrefix("tls.") && $0.origin != .builtIn }?.name
    }

    private var callerWarnings: [String] {
        guard everybody == nil else {
            return [
                "no client has identities (clients.ID.identities): every local process that can connect is the client 'local' and may do "
                    + "everything, over TCP everything but administration"
            ]
        }
        var warnings: [String] = []
        if !clients.values.contains(where: { !$0.identities.publicKeys.isEmpty }), !listen.isEmpty {
            warnings.append("no client has a public key: nobody can say who calls over TCP")
        }
        let callers = clients.filter { canTell($0.value.identities) }
        // Proxies are answered as one of them, whether or not it calls itself.
        for id in clients.keys.sorted() where callers[id] == nil && id != admin.authz?.client {
            warnings.append(
                "nobody can call as the client '\(id)', because no listener tells its identities: user ids take a Unix "
                    + "socket, certificates TLS that asks for them, public keys TLS that does not require certificates, "
                    + "or loopback"
            )
        }
        // Whoever administers is trusted with everything.
        for (id, client) in callers.sorted(by: { $0.key < $1.key })
        where client.permissions.makesAnyToken && !client.permissions.isAdministrator {
            warnings.append(
                "the client '\(id)' may make tokens for any subject and any audience: its permissions bound neither "
                    + "subjects nor audiences"
            )
        }
        if !callers.values.contains(where: \.permissions.isAdministrator) {
            warnings.append("no client that can call may administer: nobody can revoke by subject or change keys")
        }
        return warnings
    }

    /// Whether a caller can prove one of them on one of the listeners.
    private func canTell(_ identities: Client.Identities) -> Bool {
        let asksForCertificates = tls.map { $0.clientCertificates != .none } ?? false
        // Whoever shows a certificate is known by it, or by nothing.
        let takesKeys =
            tls.map { $0.clientCertificates != .required } ?? false
            || listen.contains { $0.isLoopback || $0.isWildcard }
        return !identities.userIDs.isEmpty && unix != nil
            || !identities.certificates.isEmpty && asksForCertificates
            || !identities.publicKeys.isEmpty && takesKeys
    }
}
