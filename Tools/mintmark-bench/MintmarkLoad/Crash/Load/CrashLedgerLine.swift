import MintmarkWire

/// What stands in a ledger: milliseconds, the round, whom it is about, and what.
///
/// `12.345 3 s17@crash-0-4 #901 -> REFRESH mmrt_…`, `12.402 3 s17@crash-0-4 #901 <- rotated 5 mmrt_… -`,
/// `12.500 3 @crash-0-4 #902 -> REVOKE subject`, `13.001 3 - KILL …`.
enum CrashLedgerLine {
    static func sent(_ operation: CrashOperation, of subject: String, round: Int, id: Int) -> String {
        "\(round) \(holder(operation, subject)) #\(id) -> \(text(operation.request))"
    }

    static func answered(
        _ outcome: RaceOutcome?,
        _ operation: CrashOperation,
        of subject: String,
        round: Int,
        id: Int
    ) -> String {
        "\(round) \(holder(operation, subject)) #\(id) <- \(text(outcome))"
    }

    /// Something that is about the daemon as a whole.
    static func event(_ text: String, round: Int) -> String { "\(round) - \(text)" }

    private static func holder(_ operation: CrashOperation, _ subject: String) -> String {
        operation.number > 0 ? "s\(operation.number)@\(subject)" : "@\(subject)"
    }

    private static func text(_ request: RaceRequest) -> String {
        switch request {
        case .open(let subject): "OPEN \(subject)"
        case .refresh(let token): "REFRESH \(text(token))"
        case .revoke(.refreshToken(let token)): "REVOKE \(text(token))"
        case .revoke(.sessionID(let id)): "REVOKE session \(hexadecimal(id))"
        case .revoke(.subject(let subject)): "REVOKE subject \(subject)"
        case .revoke(.clientID(let client)): "REVOKE client \(client)"
        case .revoke(.all): "REVOKE all"
        case .introspect(let token): "INTROSPECT \(text(token))"
        case .verify(let token): "VERIFY \(shortened(token))"
        case .sign(let subject): "SIGN \(subject)"
        }
    }

    private static func text(_ outcome: RaceOutcome?) -> String {
        switch outcome {
        case nil: "no answer"
        case .opened(let grant):
            "opened \(hexadecimal(grant.sessionID)) \(text(grant.refreshToken)) \(text(grant.accessToken))"
        case .refreshed(let response):
            "\(response.refreshOutcome.word) \(response.generation) \(text(response.grant.refreshToken)) "
                + (CrashSession.keepsAccessToken(generation: response.generation)
                    ? text(response.grant.accessToken) : "-")
        case .revoked: "done"
        case .introspected(let response):
            response.isActive
                ? "active, generation \(response.generation ?? 0), would be \(response.refreshOutcome?.word ?? "-")"
                : "inactive: \(response.reason.map { "\($0)" } ?? "-")"
        case .verified(let response):
            response.isActive ? "active" : "inactive: \(response.reason.map { "\($0)" } ?? "-")"
        case .signed(let response): "signed \(text(response.accessToken))"
        case .refused(let status, let reuseClass): "\(status)" + (reuseClass.map { " (\($0))" } ?? "")
        }
    }

    private static func text(_ token: [UInt8]) -> String { String(decoding: token, as: UTF8.self) }

    /// How much of a token's end tells it from all others.
    static let tokenEndLength = 16

    /// The end of a token that stands in the ledger where it was given: access tokens are long.
    private static func shortened(_ token: [UInt8]) -> String { "...\(text(token.suffix(tokenEndLength)))" }

    private static func text(_ token: ArraySlice<UInt8>) -> String { String(decoding: token, as: UTF8.self) }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { Text.padded(String($0, radix: 16), to: 2, with: "0") }.joined()
    }
}
