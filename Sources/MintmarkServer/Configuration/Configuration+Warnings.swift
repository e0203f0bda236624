import MintmarkStorage

extension Configuration {
    /// What an operator should know whenever this is taken over, at a start and at a reload.
    var warnings: [String] {
        var warnings: [String] = []
        if everybody != nil {
            warnings.append(
                "no client is configured: every local process that can connect is the client 'local' and may do "
                    + "everything, over TCP everything but administration"
            )
        }
        let hasKeys = clients.values.contains { !$0.identities.publicKeys.isEmpty }
        if everybody == nil, !hasKeys, !listen.isEmpty {
            warnings.append("no client has a public key: nobody can say who calls over TCP")
        }
        if storage.durability == .snapshot {
            warnings.append("durability is 'snapshot': a crash takes back what changed since the last snapshot")
        }
        if auditFile == nil {
            warnings.append("no audit log is kept; audit_file names one")
        }
        return warnings
    }
}
