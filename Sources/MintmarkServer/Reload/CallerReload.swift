import MintmarkEngine
import MintmarkSessions
import NIOConcurrencyHelpers

/// Takes over who may call, what each client may do, and as whom and on what terms proxies are answered. Lock-guarded.
final class CallerReload: Reloadable {
    let name = "clients"
    static let settings = [
        "clients", Settings.Admin.authzClient.name, Settings.Admin.authzAudiences.name,
        Settings.Admin.authzIssuers.name,
        Settings.Admin.authzScopes.name,
    ]

    private let current: NIOLockedValueBox<CallerDirectory>
    private let sessions: SessionStore
    private let clock: ServerClock
    private let workers: WorkerPool
    /// Nil: there is none.
    private let gate: AuthzGate?
    /// The journal keeps the clocks for as long as the longest window at the start needs them.
    private let windowMillisecondsMax: Int

    init(
        _ callers: CallerDirectory,
        sessions: SessionStore,
        clock: ServerClock,
        workers: WorkerPool,
        gate: AuthzGate? = nil
    ) {
        current = NIOLockedValueBox(callers)
        windowMillisecondsMax = Self.longestWindow(callers)
        self.sessions = sessions
        self.clock = clock
        self.workers = workers
        self.gate = gate
    }

    func prepare(_ configuration: Configuration) throws(ReloadFailure) -> ReloadStep {
        let previous = current.withLockedValue { $0 }
        let directory: CallerDirectory
        do throws(DaemonFailure) {
            directory = try CallerDirectory(configuration, inheriting: previous)
        } catch {
            throw ReloadFailure(error.message)
        }
        let window = Self.longestWindow(directory)
        guard window <= windowMillisecondsMax else {
            throw ReloadFailure(
                "a grace window of \(DurationText.render(.milliseconds(window))) is longer than any that the server "
                    + "started with, \(DurationText.render(.milliseconds(windowMillisecondsMax))): it needs another start"
            )
        }
        return { self.apply(directory, after: previous, configuration.admin.authz) }
    }

    private func apply(
        _ directory: CallerDirectory,
        after previous: CallerDirectory,
        _ authz: Configuration.Authz?
    ) {
        let policies = directory.clients.map(\.session.policy)
        sessions.raiseLifetimes(
            accessTokenSeconds: policies.map(\.accessTokenTTLSeconds).max() ?? 0,
            absoluteSeconds: policies.map(\.absoluteSeconds).max() ?? 0
        )
        // First, so that no session is listed twice; those that are opened in between are not listed.
        sessions.listSubjects(ofClients: Self.newlyCapped(directory, previous), now: clock.now())
        current.withLockedValue { $0 = directory }
        gate?.changed(to: authz, callers: directory)
        workers.callersChanged(to: directory)
    }

    private static func longestWindow(_ directory: CallerDirectory) -> Int {
        directory.clients.map { Int($0.policy.grace.windowMilliseconds) }.max() ?? 0
    }

    /// The clients whose sessions are capped for each subject from now on and were not before.
    private static func newlyCapped(_ directory: CallerDirectory, _ previous: CallerDirectory) -> Set<[UInt8]> {
        func capped(_ directory: CallerDirectory) -> Set<[UInt8]> {
            Set(directory.clients.filter { $0.policy.sessionsPerSubject != nil }.map(\.clientID))
        }
        return capped(directory).subtracting(capped(previous))
    }
}
