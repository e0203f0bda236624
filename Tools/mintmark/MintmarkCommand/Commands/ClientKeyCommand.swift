import ArgumentParser
import MintmarkClient

/// `mintmark client-key`
struct ClientKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "client-key",
        abstract: "Makes the key that a client proves itself with.",
        discussion: """
            The file holds the private key, PKCS #8 in PEM, for its owner alone. The public key that is printed goes \
            into the server's configuration:

              clients:
                ID:
                  identities:
                    public_keys: [PUBLIC_KEY]

            Then the client gives --client ID --client-key FILE.
            """,
        subcommands: [New.self, Show.self]
    )

    /// `mintmark client-key new`
    struct New: LocalCommand {
        static let name = "client-key new"

        static let configuration = CommandConfiguration(
            commandName: "new",
            abstract: "Writes a new key to a file that does not exist yet, and prints its public half.",
            usage: "mintmark client-key new <file> [--json]",
            discussion: """
                Examples:
                  mintmark client-key new web.key
                  mintmark client-key new web.key --json | jq -r .public_key
                """
        )

        @Argument(help: ArgumentHelp("Where to write the private key.", valueName: "file"))
        var file: String

        @OptionGroup var output: OutputOptions

        func perform() throws(LocalFailure) -> any CommandAnswer {
            do throws(ClientIdentity.Failure) {
                return ClientKeyAnswer(publicKey: try ClientIdentity.makeKeyFile(file))
            } catch {
                throw LocalFailure(message: error.description)
            }
        }
    }

    /// `mintmark client-key show`
    struct Show: LocalCommand {
        static let name = "client-key show"

        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Prints the public half of a key.",
            usage: "mintmark client-key show <file> [--json]",
            discussion: """
                Example:
                  mintmark client-key show web.key
                """
        )

        @Argument(help: ArgumentHelp("The file of the private key.", valueName: "file"))
        var file: String

        @OptionGroup var output: OutputOptions

        func perform() throws(LocalFailure) -> any CommandAnswer {
            do throws(ClientIdentity.Failure) {
                return ClientKeyAnswer(publicKey: try ClientIdentity(clientID: "-", keyFile: file).publicKey)
            } catch {
                throw LocalFailure(message: error.description)
            }
        }
    }
}

/// A public key, as the server's configuration wants it.
struct ClientKeyAnswer: CommandAnswer {
    let publicKey: String

    var json: String {
        var object = JSONObject()
        object.add("public_key", publicKey)
        return object.text
    }

    func text(at now: UInt64) -> String { publicKey }
}
