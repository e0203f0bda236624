import MintmarkWire

/// A request that a right server refuses, each in its own way.
enum HostileRequest: String, CaseIterable, Hashable, Sendable {
    /// A good token whose last character was changed.
    case tampered
    /// The claims of a good token, signed by another key.
    case wrongKey = "wrong_key"
    /// A header that names its algorithm twice.
    case duplicateMember = "duplicate_member"
    /// A header with the algorithm "none".
    case noAlgorithm = "no_algorithm"
    /// A token longer than any.
    case oversize
    /// A refresh token that was used up two rotations ago.
    case reuse
    /// A token that has expired. Takes as long to prepare as the server forgives differences between clocks.
    case expired

    /// All that can be prepared at once.
    static let `default`: [HostileRequest] = allCases.filter { $0 != .expired }

    /// The kind of its frame.
    var kind: Kind { self == .reuse ? .refresh : .verify }

    /// The only right answers.
    var expected: [Status] {
        switch self {
        case .tampered: [.tokenMalformed, .signatureInvalid]
        case .wrongKey: [.signatureInvalid]
        case .duplicateMember: [.tokenMalformed]
        case .noAlgorithm: [.algorithmRefused]
        case .oversize: [.tokenOversize]
        // The first use ends the session.
        case .reuse: [.reused, .revoked]
        case .expired: [.tokenExpired]
        }
    }
}
