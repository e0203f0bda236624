import Logging
import MintmarkEngine
import NIOConcurrencyHelpers

/// Takes a new configuration over: all parts of it or none. Used by one task at a time.
final class Reloader: Sendable {
    /// Reads the configuration anew, from where the daemon got it when it started, and judges it beside the one that
    /// the server runs with.
    let load: @Sendable (_ running: Configuration) throws(DaemonFailure) -> Configuration
    let parts: [any Reloadable]
    /// The one that the server started with.
    let started: Configuration
    /// Is told of every reload, and of every one that was refused; nil: no audit log is kept.
    let audit: (any AuditTrail)?
    let counts: ReloadCounts
    let manager: ServiceManager
    let logger: Logger
    private let state: NIOLockedValueBox<State>

    private struct State {
        /// The one that was taken over last.
        var running: Configuration
        var isClosed = false
    }

    init(
        load: @escaping @Sendable (_ running: Configuration) throws(DaemonFailure) -> Configuration,
        parts: [any Reloadable],
        started: Configuration,
        audit: (any AuditTrail)? = nil,
        counts: ReloadCounts = ReloadCounts(),
        manager: ServiceManager = ServiceManager(environment: [:]),
        logger: Logger
    ) {
        self.load = load
        self.parts = parts
        self.started = started
        self.audit = audit
        self.counts = counts
        self.manager = manager
        self.logger = logger
        state = NIOLockedValueBox(State(running: started))
    }

    enum Outcome: Sendable, Equatable {
        case done
        /// Everything is as it was.
        case refused(reason: String)
    }

    /// Reads, prepares every part, and applies them all when each of them could be prepared.
    @discardableResult
    func reload() -> Outcome {
        manager.reloading()
        let outcome = attempt()
        counts.add(outcome)
        if case .refused(let reason) = outcome {
            manager.reloaded(fault: reason)
        } else {
            manager.reloaded(fault: nil)
        }
        return outcome
    }

    private func attempt() -> Outcome {
        let configuration: Configuration
        do throws(DaemonFailure) {
            configuration = try load(state.withLockedValue { $0.running })
        } catch {
            return refuse(error.line)
        }
        var steps: [ReloadStep] = []
        for part in parts {
            do throws(ReloadFailure) {
                steps.append(try part.prepare(configuration))
            } catch {
                return refuse("\(part.name): \(error)")
            }
        }
        guard let before = apply(steps, of: configuration) else {
            return refuse("the server is stopping")
        }
        tell(of: configuration, over: before)
        return .done
    }

    /// Takes everything over. Gives the configuration before it; nil, and nothing changes, when the server is stopping.
    private func apply(_ steps: [ReloadStep], of configuration: Configuration) -> Configuration? {
        state.withLockedValue { state in
            guard !state.isClosed else { return nil }
            for step in steps {
                step()
            }
            defer { state.running = configuration }
            return state.running
        }
    }

    private func tell(of configuration: Configuration, over before: Configuration) {
        var event = AuditEvent.own(.reloaded)
        let rest = warn(about: configuration)
        let changed = Self.changes(from: before, to: configuration) { name in
            parts.contains { $0.takesOver(name) }
        }
        if !changed.isEmpty {
            event.facts.append(AuditEvent.Fact("changed", changed))
        }
        if !rest.isEmpty {
            event.facts.append(AuditEvent.Fact("at_next_start", rest))
        }
        audit?.record(event)
        // One without settings of its own only tells of the others'.
        let told = parts.filter { !type(of: $0).settings.isEmpty }.map { Logger.MetadataValue.string($0.name) }
        logger.info("reloaded", metadata: ["parts": .array(told), "changed": .array(changed.map { .string($0) })])
    }

    /// Takes nothing over any more. Returns when nothing is being taken over.
    func close() {
        state.withLockedValue { $0.isClosed = true }
    }

    private func refuse(_ reason: String) -> Outcome {
        audit?.record(.own(.reloadRefused, reason: reason))
        logger.error("not reloaded: everything stays as it was", metadata: ["reason": .string(reason)])
        return .refused(reason: reason)
    }

    /// Tells what an operator should know at every start, and names what was changed and does not take
    /// effect before the next start.
    private func warn(about configuration: Configuration) -> [String] {
        for warning in configuration.warnings {
            logger.warning("\(warning)")
        }
        let names = Self.changedSettings(from: started, to: configuration).filter { name in
            !parts.contains { part in part.takesOver(name) }
        }
        if !names.isEmpty {
            logger.warning(
                "settings were changed that take effect at the next start only",
                metadata: ["settings": .array(names.map { .string($0) })]
            )
        }
        return names
    }

    /// The settings that differ, of those that `isMeant` tells; a client that is new, gone or changed is named as a whole:
    /// `clients.ID`.
    static func changes(
        from old: Configuration,
        to new: Configuration,
        where isMeant: (String) -> Bool = { _ in true }
    ) -> [String] {
        let names = Set(new.effective.map(\.name))
        let gone = old.effective.map(\.name).filter { !names.contains($0) }
        var seen: Set<String> = []
        return (changedSettings(from: old, to: new) + gone)
            .filter(isMeant)
            .map { $0.hasPrefix("clients.") ? $0.split(separator: ".").prefix(2).joined(separator: ".") : $0 }
            .filter { seen.insert($0).inserted }
    }

    /// The settings that differ, in the order of the reference.
    static func changedSettings(from old: Configuration, to new: Configuration) -> [String] {
        let values = Dictionary(old.effective.map { ($0.name, $0.value) }) { first, _ in first }
        return new.effective.filter { values[$0.name] != $0.value }.map(\.name)
    }
}
