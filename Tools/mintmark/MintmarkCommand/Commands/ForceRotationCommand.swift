import ArgumentParser
import MintmarkClient

/// `mintmark force-rotation`
struct ForceRotationCommand: ServerCommand {
    static let name = "force-rotation"

    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Makes the next refresh of sessions rotate, whatever their policy.",
        usage: """
            mintmark force-rotation (--session-id ID | --subject NAME |
                   --client-id ID | --all) [options]
            """,
        discussion: """
            Examples:
              mintmark force-rotation --session-id 00112233445566778899aabbccddeeff
              mintmark force-rotation --subject alice
              mintmark force-rotation --all

            For refresh tokens that may have been copied: behind the next refresh the copy is of no use. Nobody is \
            logged out.
            """
    )

    @OptionGroup var target: TargetOptions

    @OptionGroup var connection: ConnectionOptions

    @OptionGroup var output: OutputOptions

    func call(reading input: InputReader) throws(UsageError) -> ServerCall {
        guard let target = try target.target() else { throw TargetOptions.notOne }
        return { client throws(MintmarkError) in
            try await client.forceRotation(of: target)
            return DoneAnswer.rotationForced
        }
    }
}
