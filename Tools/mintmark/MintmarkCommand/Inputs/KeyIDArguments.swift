/// Key ids among the arguments of `mintmark keys …`: one in 64 begins with `-`, like an option.
enum KeyIDArguments {
    /// A SHA-256 thumbprint in base64url.
    private static let keyIDLength = 43

    /// The same arguments, in an order in which the parser takes no key id for options.
    static func ordered(_ arguments: [String]) -> [String] {
        guard arguments.first == "keys", !arguments.contains("--"),
            let place = arguments.firstIndex(where: isTakenForOptions)
        else { return arguments }
        return arguments[..<place] + arguments[(place + 1)...] + ["--", arguments[place]]
    }

    private static func isTakenForOptions(_ argument: String) -> Bool {
        argument.utf8.count == keyIDLength && argument.hasPrefix("-")
            && argument.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
