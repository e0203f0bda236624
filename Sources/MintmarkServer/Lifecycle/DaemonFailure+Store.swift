import MintmarkStorage

extension DaemonFailure {
    /// A start that is refused for what is in the data directory.
    ///
    /// - Parameter isUnexplained: whether a look at the whole directory tells more than the message does.
    static func store(
        _ message: String,
        _ exit: DaemonExit,
        isUnexplained: Bool,
        _ configuration: Configuration
    ) -> DaemonFailure {
        guard isUnexplained else { return DaemonFailure(message, exit) }
        return DaemonFailure("\(message); to see what can be read, run: \(checkCommand(configuration))", exit)
    }

    private static func checkCommand(_ configuration: Configuration) -> String {
        let command = "mintmarkd check \(ShellText.quoted(configuration.dataDirectory))"
        let file = configuration.sessions.masterKeyFile
        guard file != "\(configuration.dataDirectory)/\(StoreFiles.masterKey)" else { return command }
        // What the service manager passes is there for the service only: whoever checks knows where it is from.
        let isPassed = file.hasPrefix(SecretPlace.credentialPrefix)
        return "\(command) --master-key \(isPassed ? "FILE" : ShellText.quoted(file))"
    }
}

extension RecoveryFailure {
    /// Whether the words leave open what is damaged, and whether it is the key that does not fit.
    var isUnexplained: Bool {
        switch reason {
        case .format, .withoutManifest, .missing, .damaged, .tooLong, .otherThanNamed, .gap: true
        case .system, .lost, .exhausted: false
        }
    }
}
