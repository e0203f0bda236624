import ArgumentParser
import Glibc
import MintmarkServer

/// `mintmarkd check`.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Says what a start would make of what a data directory holds, and changes nothing.",
        discussion: """
            Reads manifest, snapshot, journal and signing keys as a start does, also where nothing can be written. It may be run beside \
            a daemon, but what is being written then may look damaged.

            With --salvage, a directory that a start refuses is made usable again from what can be read of it: the \
            newest snapshot that is whole, and the journal behind it as far as it goes. Every file is kept in a directory \
            salvaged-1, -2, … inside. What is lost is said before anything is changed. Nothing is done when nothing is \
            damaged.

            What no rule can tell: a last box that was damaged after it had been synced looks like the torn end that a \
            stop leaves.

            Examples:
              mintmarkd check /var/lib/mintmark
              mintmarkd check /var/lib/mintmark --json
              mintmarkd check /var/lib/mintmark --salvage

            Exit codes: 0 sound or salvaged, 1 sound but for a torn end that a start cuts off, 2 wrong usage, 4 damaged \
            or unusable.
            """
    )

    @Argument(help: ArgumentHelp("The data directory.", valueName: "directory"))
    var directory: String

    @Option(help: ArgumentHelp("The master key, if it is not in the directory.", valueName: "file"))
    var masterKey: String?

    @Option(help: ArgumentHelp("The signing key that the settings name, if they name one.", valueName: "file"))
    var signingKey: String?

    @Option(
        help: ArgumentHelp("The directory of signing keys that the settings name, if they name one.", valueName: "path")
    )
    var keyDirectory: String?

    @Flag(help: "Keep every file, and write the store anew from what can be read.")
    var salvage = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func result() throws -> OfflineResult {
        let signingKeys = OfflineSigningKeys(file: signingKey, directory: keyDirectory)
        guard salvage else {
            return try OfflineCheck.run(directory, masterKeyFile: masterKey, signingKeys: signingKeys, asJSON: json)
        }
        return try OfflineCheck.salvage(
            directory,
            masterKeyFile: masterKey,
            signingKeys: signingKeys,
            asJSON: json
        ) {
            Mintmarkd.tell($0, STDOUT_FILENO)
        }
    }
}
