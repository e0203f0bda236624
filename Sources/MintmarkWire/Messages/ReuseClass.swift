/// How old a refresh token was that came back after it had been traded.
public enum ReuseClass: UInt8, CaseIterable, Hashable, Sendable {
    /// The one before the present one, behind its grace window.
    case previousAfterWindow = 1

    /// An older one.
    case olderGeneration = 2

    /// One from before the session's last change of epoch.
    case olderEpoch = 3
}
