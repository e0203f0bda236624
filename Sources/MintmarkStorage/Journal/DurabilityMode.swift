/// When answers that tell of a change may leave. Revocations, reuse verdicts, cut-offs and epochs are synced before
/// their answer in every mode.
package enum DurabilityMode: Hashable, Sendable {
    /// When the change is synced: neither a killed process nor a power loss takes anything acknowledged back.
    case always

    /// When the change is written; it is synced within this time. A power loss may take back as much.
    case interval(milliseconds: UInt64)

    /// At once. A kill or a power loss takes back what changed since the last snapshot, but for revocations, reuse
    /// verdicts, cut-offs and epochs; a clean stop takes a snapshot first.
    case snapshot
}
