/// Where the events of sessions are kept; what the store needs of a journal.
///
/// An event is durable together with all before it. Implementations are called from any thread.
package protocol SessionJournal: Sendable {
    /// Appends an encoded ``SessionEvent`` and gives its number, which is greater than all given before. Nil, with
    /// nothing appended, when the journal cannot be written to.
    ///
    /// Called under the lock of the shard or table that the event changes, so that the order of a session's events is
    /// the order of their numbers. Must neither wait for a disk nor call back into the store.
    ///
    /// - Parameter isAlwaysSynced: the event must be on disk before its number counts as durable, in every mode.
    func append(_ event: RawSpan, isAlwaysSynced: Bool) -> LogSequenceNumber?

    /// The greatest number given so far.
    var lastLSN: LogSequenceNumber { get }

    /// Answers that depend on events up to this number may leave. Never decreases.
    var durableLSN: LogSequenceNumber { get }

    /// Whether ``append(_:isAlwaysSynced:)`` can be expected to work. False from a failure on, until the journal has
    /// found a way back, and while the disk does not answer.
    var isWritable: Bool { get }

    /// Whether what was appended may become durable without more ado. False from a failure on, until the journal has found
    /// a way back; ``durableLSN`` does not move meanwhile.
    var mayAdvance: Bool { get }

    /// Registers the one function that is told whenever ``durableLSN`` has advanced or ``isWritable`` has changed. It is
    /// called outside of all locks, with the service clock at that time. Whoever registers passes an advance on to
    /// ``SessionStore/durabilityAdvanced(to:atMilliseconds:)`` before answers leave.
    func onAdvance(_ observer: @escaping @Sendable (LogSequenceNumber, _ serviceMilliseconds: UInt64) -> Void)
}

extension SessionJournal {
    /// Of a journal that is not held up by anything but a failure.
    package var mayAdvance: Bool { isWritable }
}
