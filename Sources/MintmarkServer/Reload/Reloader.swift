import Logging
import MintmarkEngine

/// Takes a new configuration over: all parts of it or none. Used by one task at a time.
struct Reloader: Sendable {
    /// Reads the configuration anew, from where the daemon got it when it started.
    let load: @Sendable () throws(DaemonFailure) -> Configuration
    let parts: [any Reloadable]
    /// The one that the server started with.
    let started: Configuration
    /// Is told of every reload, and of every one that was refused; nil: no audit log is kept.
    var audit: (any AuditTrail)?
    let logger: Logger

    enum Outcome: Sendable, Equatable {
        case done
        /// Everything is as it was.
        case refused(reason: String)
    }

    /// Reads, prepares every part, and applies them all when each of them could be prepared.
    @discardableResult
    func reload() -> Outcome {
        let configuration: Configuration
        do throws(DaemonFailure) {
            configuration = try load()
        } catch {
            return refuse(error.message)
        }
        var steps: [ReloadStep] = []
        for part in parts {
            do throws(ReloadFailure) {
                steps.append(try part.prepare(configuration))
            } catch {
                return refuse("\(part.name): \(error)")
            }
        }
        for step in steps {
            step()
        }
        warn(about: configuration)
        audit?.record(.own(.reloaded))
        logger.info("reloaded", metadata: ["parts": .array(parts.map { .string($0.name) })])
        return .done
    }

    private func refuse(_ reason: String) -> Outcome {
        audit?.record(.own(.reloadRefused, reason: reason))
        logger.error("not reloaded: everything stays as it was", metadata: ["reason": .string(reason)])
        return .refused(reason: reason)
    }

    /// Names what was changed and does not take effect before the next start.
    private func warn(about configuration: Configuration) {
        let names = Self.changedSettings(from: started, to: configuration).filter { name in
            !parts.contains { part in part.settings.contains { name == $0 || name.hasPrefix("\($0).") } }
        }
        guard !names.isEmpty else {
            return
        }
        logger.warning(
            "settings were changed that take effect at the next start only",
            metadata: ["settings": .array(names.map { .string($0) })]
        )
    }

    /// The settings that differ, in the order of the reference.
    static func changedSettings(from old: Configuration, to new: Configuration) -> [String] {
        let values = Dictionary(old.effective.map { ($0.name, $0.value) }) { first, _ in first }
        return new.effective.filter { values[$0.name] != $0.value }.map(\.name)
    }
}
