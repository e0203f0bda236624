import ArgumentParser
import MintmarkServer

/// `mintmarkd rekey`.
struct RekeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rekey",
        abstract: "Moves a stopped store to another master key.",
        discussion: """
            The refresh tokens that are out go on working: the keys that they were made with are kept, encrypted under \
            the new master key, for as long as a session may need them. When it is stopped on its way, the store opens \
            with one of both keys, and the next start or the same command ends it.

            A new key is made and takes the place of master.key in the data directory, unless --to names one that lies \
            elsewhere. A store can have 255 master keys. Backups, and files that recovery or salvage has kept, open with \
            the old key only: copy master.key first if you want to read them again.

            Examples:
              mintmarkd rekey /var/lib/mintmark
              mintmarkd rekey /var/lib/mintmark \\
                --master-key /etc/mintmark/old.key --to /etc/mintmark/new.key

            Exit codes: 0 done, 1 writing failed, 2 wrong usage, 4 the store cannot be used as it is.
            """
    )

    @Argument(help: ArgumentHelp("The data directory.", valueName: "directory"))
    var directory: String

    @Option(help: ArgumentHelp("The present master key, if it is not in the directory.", valueName: "file"))
    var masterKey: String?

    @Option(help: ArgumentHelp("The new master key: 32 random bytes, for this user only.", valueName: "file"))
    var to: String?

    func result() throws -> OfflineResult {
        try OfflineRekey.run(directory, masterKeyFile: masterKey, to: to)
    }
}
