/// Takes what is to be read in the audit log; what the engine needs of its file. Called from any thread.
package protocol AuditTrail: Sendable {
    /// Queues one event for the log. Never waits for a disk. What does not fit into the queue is counted, and the log
    /// says later how much is missing.
    func record(_ event: AuditEvent)

    /// Writes down what is about to be done and has the disk keep it. Waits for the disk, and not for longer than a time
    /// that is bounded.
    ///
    /// - Returns: whether it is on the disk; else nothing may be done.
    func commit(_ event: AuditEvent) -> Bool

    /// Whether events reach the log, as far as is known. Administrative operations are refused while it is false.
    var isWritable: Bool { get }
}
