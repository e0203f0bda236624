/// What a round of the race does: one situation in which a store of sessions goes wrong when it checks and writes in
/// two steps, forgets, or forgives too much.
enum RaceScenario: String, CaseIterable, Sendable {
    case parallelRefresh = "parallel_refresh"
    case droppedAnswer = "dropped_answer"
    case olderGeneration = "older_generation"
    case retryAfterWindow = "retry_after_window"
    case retriesDoNotExtendWindow = "retries_do_not_extend_window"
    case graceCap = "grace_cap"
    case graceKeepsExpiry = "grace_keeps_expiry"
    case reuseElsewhere = "reuse_elsewhere"
    case revocation = "revocation"
    case forgedTag = "forged_tag"
    case cutOff = "cut_off"
    case uniqueTokens = "unique_tokens"

    /// What must hold, in one sentence.
    var invariant: String {
        switch self {
        case .parallelRefresh:
            "Parallel refreshes of one token raise the generation once, all with the same successor; nothing is revoked."
        case .droppedAnswer:
            "A retry after an answer that was lost succeeds, and the session goes on for three rotations more."
        case .olderGeneration:
            "A token two generations back is reuse, also inside the window, and ends the session with its newest token."
        case .retryAfterWindow:
            "A retry after the window is reuse, and ends the session."
        case .retriesDoNotExtendWindow:
            "A retry inside the window does not extend it."
        case .graceCap:
            "Inside the window as many retries succeed as the policy says; the others change nothing."
        case .graceKeepsExpiry:
            "A retry inside the window extends no expiry."
        case .reuseElsewhere:
            "Reuse in one session leaves the other sessions of its subject alone."
        case .revocation:
            "However refreshes and a revocation meet: afterwards no token of the session lives."
        case .forgedTag:
            "A token with a wrong tag is INVALID, and its session is untouched."
        case .cutOff:
            "Access tokens live on after a refresh, not after their subject's revocation; what is made after it lives."
        case .uniqueTokens:
            "No token is ever given to two holders."
        }
    }
}
