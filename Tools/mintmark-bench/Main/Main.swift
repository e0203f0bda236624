import MintmarkLoad

/// `mintmark-bench`: the load tool.
@main
struct Main {
    static func main() {
        LoadTool.main()
    }
}
