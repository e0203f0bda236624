import ArgumentParser
import MintmarkClient

/// Which sessions are meant: what `revoke` and `force-rotation` take alike.
struct TargetOptions: ParsableArguments {
    // A sid may begin with a dash, like an option.
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("One session: 32 hexadecimal digits, or a sid claim.", valueName: "id")
    )
    var sessionID: String?

    @Option(help: ArgumentHelp("All of a subject, at whatever client.", valueName: "name"))
    var subject: String?

    @Option(help: ArgumentHelp("All of a client.", valueName: "id"))
    var clientID: String?

    @Flag(help: "Everything.")
    var all = false

    /// The one target; nil if there is none.
    func target() throws(UsageError) -> RotationTarget? {
        var targets: [RotationTarget] = []
        if let sessionID { targets.append(.session(try SessionID(argument: sessionID))) }
        if let subject { targets.append(.subject(subject)) }
        if let clientID { targets.append(.client(id: clientID)) }
        if all { targets.append(.all) }
        guard targets.count <= 1 else { throw TargetOptions.notOne }
        return targets.first
    }

    static let notOne = UsageError("give exactly one target")
}
