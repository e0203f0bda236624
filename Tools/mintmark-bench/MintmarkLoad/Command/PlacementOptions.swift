import ArgumentParser

/// Which processors generator and server run on.
struct PlacementOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Run the generator on these processors only, such as 1 or 0,2-3.", valueName: "list"))
    var pinClient: String?

    @Option(
        help: ArgumentHelp(
            "Let the server's process run on these only, from now on. Needs --server-pid or --unix, and the right to.",
            valueName: "list"
        )
    )
    var pinServer: String?

    func placeClient() throws(LoadFailure) {
        guard let list = try Self.list("pin-client", pinClient) else { return }
        do throws(SystemFault) {
            try list.pinSelf()
        } catch {
            throw .usage("the generator cannot be pinned: \(error)")
        }
    }

    func placeServer(of prepared: PreparedLoad) throws(LoadFailure) {
        guard let list = try Self.list("pin-server", pinServer) else { return }
        try prepared.pinServer(to: list)
    }

    private static func list(_ name: String, _ text: String?) throws(LoadFailure) -> ProcessorList? {
        guard let text else { return nil }
        guard let list = ProcessorList(text) else {
            throw .usage("--\(name) is a list such as 0,2-3, of processors up to \(ProcessorList.processorMax)")
        }
        return list
    }
}
