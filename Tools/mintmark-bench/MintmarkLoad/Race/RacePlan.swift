/// What is asked of a race.
struct RacePlan: Sendable {
    var rounds: Int
    /// The scenarios, which take turns.
    var scenarios: [RaceScenario]
    /// Connections of each thread.
    var connections: Int
    var threads: Int
    var seed: UInt64
    /// The grace window and its uses, as the server's policy has them.
    var graceNanoseconds: Int64
    var graceUses: Int

    /// A window that is short enough to wait for, and long enough for a busy machine to answer in.
    static let graceMillisecondsDefault = 300
    static let graceUsesDefault = 16

    /// By how much an instant must lie off the window's end before anything is concluded from it: the server reads its
    /// clock once for a burst of requests, in milliseconds.
    var marginNanoseconds: Int64 { min(20_000_000, graceNanoseconds / 4) }

    /// When a window that began at `instant` is over for sure.
    func windowIsOver(after instant: Int64) -> Int64 { instant + graceNanoseconds + marginNanoseconds }

    /// The middle of a window that began at `instant`.
    func windowMiddle(after instant: Int64) -> Int64 { instant + graceNanoseconds / 2 }

    /// Late in a window that began at `instant`, and early enough to be answered in it.
    func windowLate(after instant: Int64) -> Int64 { instant + graceNanoseconds - 3 * marginNanoseconds }

    /// Whether everything between two instants lies inside a window that began behind the first.
    func isSurelyInside(from begin: Int64, to end: Int64) -> Bool {
        end - begin < graceNanoseconds - marginNanoseconds
    }

    /// What a server's configuration must say for this race.
    var serverConfiguration: String {
        """
        clients:
          local:
            rotation: always
            grace: {window: \(graceNanoseconds / 1_000_000)ms, uses: \(graceUses)}
            access_token_ttl: 5m
        """
    }
}
