/// Takes what is to be read in the audit log; what the engine needs of its file. Called from any thread.
package protocol AuditTrail: Sendable {
    /// Queues one event for the log. Never waits for a disk. What does not fit into the queue is counted, and the log
    /// says later how much is missing.
    func record(_ event: AuditEvent)

    /// Whether events reach the log, as far as is known. Administrative operations are refused while it is false.
    var isWritable: Bool { get }
}
