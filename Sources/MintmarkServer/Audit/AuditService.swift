import Logging
import MintmarkEngine
import ServiceLifecycle

/// Keeps the audit log while the server runs: from before the first connection to after the last.
struct AuditService: Service {
    let log: AuditLog
    let path: String
    let readiness: Readiness
    let logger: Logger

    /// - Parameter file: what lies at `path`, open.
    init(_ log: AuditLog, _ file: AuditFile, path: String, readiness: Readiness, logger: Logger) {
        self.log = log
        self.path = path
        self.readiness = readiness
        self.logger = logger
        log.start(
            file,
            open: { () throws(AuditFault) in try AuditFile(path: path) },
            changed: { [readiness, logger] fault in
                readiness.note(fault)
                logger.note(fault)
            }
        )
        log.record(.own(.started))
    }

    func run() async {
        try? await gracefulShutdown()
        log.record(.own(.stopped))
        if let fault = await log.stop() {
            logger.error(
                "the last lines of the audit log could not be written, and are lost",
                metadata: ["reason": .string("\(fault)")]
            )
        }
    }
}

extension AuditEvent {
    /// Something that the server itself does.
    static func own(_ name: Name, reason: String? = nil) -> AuditEvent {
        var event = AuditEvent(name)
        event.reason = reason
        return event
    }
}

extension Readiness {
    fileprivate func note(_ fault: AuditFault?) {
        if fault == nil {
            remove(.audit)
        } else {
            add(.audit)
        }
    }
}

extension Logger {
    fileprivate func note(_ fault: AuditFault?) {
        guard let fault else {
            return info("the audit log can be written again")
        }
        error(
            "the audit log cannot be written; administrative operations are refused until it can",
            metadata: ["reason": .string("\(fault)")]
        )
    }
}
