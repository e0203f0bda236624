import MintmarkCommand

/// `mintmark`: the operator's command line.
@main
struct Main {
    static func main() async {
        await CommandLineTool.main()
    }
}
