import MintmarkEngine
import MintmarkTokens
import NIOConcurrencyHelpers

/// Says of every change of keys what the test says, and carries none out. Lock-guarded.
final class StepKeys: KeyAdministration {
    private let state = NIOLockedValueBox((failure: KeyJob.Failure?.none, submitted: [KeyCommand]()))

    let records: [KeyRecord] = []
    let policy = KeyPolicy(rotationSeconds: nil, publicationSeconds: 0, tokenLifetimeSeconds: 1)
    /// What is known beforehand of every change.
    var failure: KeyJob.Failure? {
        get { state.withLockedValue { $0.failure } }
        set { state.withLockedValue { $0.failure = newValue } }
    }
    var submitted: [KeyCommand] { state.withLockedValue { $0.submitted } }

    func failure(of command: KeyCommand) -> KeyJob.Failure? { failure }

    func submit(_ command: KeyCommand, by caller: KeyCaller) -> KeyJob? {
        state.withLockedValue { $0.submitted.append(command) }
        return KeyJob(command)
    }
}
