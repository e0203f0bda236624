extension FileJournal {
    /// When events are durable, how large segments and the queue may become, and how often clocks are written.
    package struct Settings: Sendable {
        package var mode = DurabilityMode.always
        /// The length that a segment is allocated with.
        package var segmentByteCount = FileJournal.segmentByteCountMax
        /// The most bytes of events that may wait; beyond them events are refused.
        package var waitingByteCountMax = 32 << 20
        /// How long after a rotation, and after the start, the clocks are written every ``clockIntervalMilliseconds``: the
        /// longest grace window.
        package var clockKeepMilliseconds: UInt64 = 60_000
        package var clockIntervalMilliseconds: UInt64 = 1_000
        /// How often the greatest `iat` is written when nothing else is.
        package var issuedAtIntervalSeconds: UInt64 = 60
        /// Reads the clock that syncs are measured by, in nanoseconds.
        package var nanoseconds: @Sendable () -> UInt64 = { 0 }

        package init() {}
    }

    /// The longest segment.
    package static let segmentByteCountMax = 64 << 20
    /// The least length of a segment: one box of any size fits.
    package static let segmentByteCountMin = 2 << 20
}
