extension Tag {
    /// What the values of the field may be beside their length, for people; nil for numbers and for bytes of any kind.
    var allowedValues: String? {
        switch self {
        case .magic: "the 8 bytes MINTMARK"
        case .clientName, .serverBuild, .expectedAudience, .message, .rule: "UTF-8"
        case .subject, .clientID, .keyID: "UTF-8 without control characters"
        case .keyFile: "a file name that ends in .pem, begins with no dot and has no slash"
        case .audience: "a list of texts, UTF-8 without control characters"
        case .scope: "printable ASCII without quotes and backslashes, in words with single spaces between them"
        case .readinessReasons, .settings: "a list of texts, UTF-8"
        case .counters: "a list of counters, each a u64 and a name in ASCII"
        case .signingKeys: "a list of signing keys"
        default: nil
        }
    }
}
