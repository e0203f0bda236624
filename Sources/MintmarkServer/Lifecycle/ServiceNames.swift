// Service-lifecycle's log names services by their descriptions, and without these it would print all that they hold.

extension AdminService: CustomStringConvertible {
    var description: String { "admin listener" }
}

extension AuditService: CustomStringConvertible {
    var description: String { "audit log" }
}

extension KeyService: CustomStringConvertible {
    var description: String { "signing keys" }
}

extension ReloadService: CustomStringConvertible {
    var description: String { "reload" }
}

extension ServerService: CustomStringConvertible {
    var description: String { "listeners" }
}

extension StorageService: CustomStringConvertible {
    var description: String { "storage" }
}

extension SweepService: CustomStringConvertible {
    var description: String { "sweep" }
}

extension UntoldService: CustomStringConvertible {
    var description: String { "service manager" }
}

extension WatchdogService: CustomStringConvertible {
    var description: String { "watchdog" }
}
