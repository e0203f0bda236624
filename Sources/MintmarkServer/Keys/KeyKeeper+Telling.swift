import Logging
import MintmarkEngine
import MintmarkStorage
import MintmarkTokens

/// What the log and the audit log hear of keys.
extension KeyKeeper {
    func tell(_ change: KeyChange, by caller: KeyCaller?, importing file: String?) {
        logger.notice("signing key \(change.word)", metadata: ["key": .string(change.keyID)])
        var event = AuditEvent(file == nil ? AuditEvent.Name(change.state) : .keyImported)
        event.clientID = caller?.clientID
        event.peer = caller?.peer
        event.facts = [AuditEvent.Fact("key", change.keyID)]
        if let file {
            event.facts.append(AuditEvent.Fact("file", file))
        }
        audit?.record(event)
    }

    static func log(_ leftOut: [KeyStore.LeftOut], _ logger: Logger) {
        for key in leftOut {
            logger.warning(
                "a key file is left alone",
                metadata: ["file": .string(key.file), "reason": .string("\(key.reason)")]
            )
        }
    }

    static func log(_ changes: [TrustedIssuerFiles.Change], _ logger: Logger) {
        for change in changes {
            switch change {
            case .read(let issuer, let file, let keyCount):
                logger.info(
                    "keys of a trusted issuer read",
                    metadata: ["issuer": .string(issuer), "file": .string(file), "keys": .stringConvertible(keyCount)]
                )
            case .refused(let issuer, let file, let reason):
                logger.warning(
                    "the keys of a trusted issuer cannot be read; those read before go on counting",
                    metadata: ["issuer": .string(issuer), "file": .string(file), "reason": .string(reason)]
                )
            }
        }
    }
}

extension AuditEvent.Name {
    fileprivate init(_ state: KeyRecord.State) {
        self =
            switch state {
            case .prepared: .keyPrepared
            case .active: .keyActivated
            case .retired: .keyRetired
            case .revoked: .keyRevoked
            case .removed: .keyRemoved
            }
    }
}
