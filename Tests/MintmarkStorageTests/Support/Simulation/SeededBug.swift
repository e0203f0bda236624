import MintmarkStorage

/// A mistake that storage could have, made on purpose: the simulation has to find each.
///
/// They are made around the code under test, so that it carries no switch for them.
enum SeededBug: String, CaseIterable, Sendable {
    /// A commit's answers leave though its box was not synced.
    case answerBeforeSync

    /// Files get their names, and nobody syncs the directory.
    case noDirectorySync

    /// What recovery should cut from a torn segment stays there.
    case tailNotCut

    /// A box that was changed is taken for good.
    case boxTagIgnored

    /// A sync that failed is simply tried again.
    case syncRetried

    /// A change is made in memory and answered though the journal has refused its event.
    case applyAfterFailedAppend
}
