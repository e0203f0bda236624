import MintmarkClient

extension SessionID {
    /// Reads 32 hexadecimal digits, or the 22 characters of a `sid` claim.
    init(argument: String) throws(UsageError) {
        let bytes = Hexadecimal.decode(argument)
        guard let id = bytes.flatMap({ SessionID(bytes: $0) }) ?? SessionID(argument) else {
            throw UsageError("a session id has 32 hexadecimal digits, or is the sid claim of an access token")
        }
        self = id
    }

    /// 32 hexadecimal digits.
    var hexadecimal: String { Hexadecimal.encode(bytes) }
}

extension AttemptID {
    /// Reads 32 hexadecimal digits.
    init(argument: String) throws(UsageError) {
        guard let id = Hexadecimal.decode(argument).flatMap({ AttemptID(bytes: $0) }) else {
            throw UsageError("an attempt id has 32 hexadecimal digits")
        }
        self = id
    }
}
