/// What the arguments ask for.
enum CountsRequest {
    /// An operation, so many times.
    case count(Operation, Int)
    /// What libsodium does alone, for so long, with messages of so many bytes; nil: as many as the engine signs.
    case time(Operation, seconds: Double, messageByteCount: Int?)

    private static let secondsMax = 3_600.0
    private static let messageByteCountMax = 65_536

    /// Nil if the arguments are wrong.
    init?(_ arguments: [String]) {
        guard let operation = arguments.first.flatMap(Operation.init(rawValue:)) else { return nil }
        switch arguments.count {
        case 2:
            guard let count = Int(arguments[1]), count >= 0 else { return nil }
            self = .count(operation, count)
        case 3, 5:
            guard arguments[1] == "--seconds", let seconds = Double(arguments[2]) else { return nil }
            guard seconds > 0, seconds <= Self.secondsMax else { return nil }
            var messageByteCount: Int?
            if arguments.count == 5 {
                guard arguments[3] == "--bytes", let count = Int(arguments[4]) else { return nil }
                guard (0...Self.messageByteCountMax).contains(count) else { return nil }
                messageByteCount = count
            }
            self = .time(operation, seconds: seconds, messageByteCount: messageByteCount)
        default: return nil
        }
    }
}
