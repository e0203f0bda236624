import MintmarkWire

/// Asks the server for what a run needs: tokens, sessions, keys.
struct WorkloadBuilder {
    let connection: SetupConnection
    let plan: LoadPlan

    /// Subjects of the tokens that are signed under load.
    private static let signSubjects = 256
    /// How long a token must live beyond the run.
    private static let tokenReserveSeconds: UInt64 = 10

    /// Claims of 64 bytes for each session.
    static let sessionClaims = Array(#"{"plan":"pro","tenant":"0123456789abcdef","roles":["read","rw"]}"#.utf8)

    /// A subject of 36 bytes, as long as a UUID's text.
    static func subject(_ number: Int) -> String {
        let digits = String(number)
        return "load-" + String(repeating: "0", count: max(0, 31 - digits.count)) + digits
    }

    func build() throws(LoadFailure) -> Workload {
        var workload = Workload()
        if [.sign, .refresh, .open].contains(where: plan.mix.contains) { workload.keys = try publishedKeys() }
        if plan.mix.contains(.sign) { try addSigning(to: &workload) }
        if plan.mix.contains(.verify) { try addVerifying(to: &workload) }
        if plan.mix.contains(.refresh) { try addSessions(to: &workload) }
        if plan.mix.contains(.ping) {
            try workload.pingFrames.append(PingRequest(), lengthMax: lengthMax)
        }
        if plan.mix.contains(.keys) {
            try workload.keysFrames.append(KeysRequest(), lengthMax: lengthMax)
        }
        if plan.mix.contains(.open) { try addOpening(to: &workload) }
        if plan.mix.contains(.revoke) { try addRevoking(to: &workload) }
        if plan.mix.contains(.hostile) { try HostileBuilder(connection: connection, plan: plan).build(&workload) }
        return workload
    }

    private func addOpening(to workload: inout Workload) throws(LoadFailure) {
        for number in 0..<Self.signSubjects {
            let request = Self.openRequest(number, plan.audience, plan.claimSizes)
            try workload.openFrames.append(request, lengthMax: lengthMax)
        }
    }

    private func addRevoking(to workload: inout Workload) throws(LoadFailure) {
        let request = { (number: Int) in Self.openRequest(number, plan.audience, plan.claimSizes) }
        try connection.askEach(plan.revocations, request) { (_, answer) throws(LoadFailure) in
            let revoke = RevokeRequest(.refreshToken(answer.grant.refreshToken))
            try workload.revokeFrames.append(revoke, lengthMax: lengthMax)
        }
    }

    static func openRequest(_ number: Int, _ audience: String, _ sizes: ClaimSizes? = nil) -> OpenRequest {
        OpenRequest(claims: sizes?.claims(number) ?? sessionClaims, subject: subject(number), audience: [audience])
    }

    private var lengthMax: Int { Int(connection.hello.frameLengthLimit) }

    private func publishedKeys() throws(LoadFailure) -> VerificationKeys {
        let keys = VerificationKeys(jwks: try connection.ask(KeysRequest()).jwks)
        guard !keys.isEmpty else { throw .wrongAnswer("the server signs, and publishes no key") }
        return keys
    }

    private func addSigning(to workload: inout Workload) throws(LoadFailure) {
        for number in 0..<Self.signSubjects {
            let request = Self.signRequest(number, plan.audience, plan.claimSizes)
            try workload.signFrames.append(request, lengthMax: lengthMax)
        }
    }

    private static func signRequest(_ number: Int, _ audience: String, _ sizes: ClaimSizes?) -> SignRequest {
        SignRequest(claims: sizes?.claims(number), subject: subject(number), audience: [audience])
    }

    /// Sees to it that the tokens to verify outlive the plan: makes new ones in time.
    ///
    /// - Throws: `LoadFailure.usage` for tokens of a file that do not, and where the server makes none that live so long.
    func renewTokens(of workload: inout Workload) throws(LoadFailure) {
        guard let expiry = workload.tokensExpireAt, expiry < (try neededUntil()) else { return }
        workload.verifyFrames = FrameTable()
        workload.claimsLengths = []
        try addVerifying(to: &workload)
    }

    private func addVerifying(to workload: inout Workload) throws(LoadFailure) {
        let tokens =
            switch plan.tokenSource {
            case .sign(let count):
                try Self.signTokens(count, audience: plan.audience, plan.claimSizes, on: connection)
            case .file(let path): try TokenFile.read(path)
            }
        workload.tokensExpireAt = try firstExpiry(of: tokens)
        workload.tokenSizes = TokenSizes(tokens.map(\.count))
        var claims: [UInt8] = []
        for token in tokens {
            guard AccessTokenText.decodeClaims(of: token.span.bytes, into: &claims) else {
                throw .usage("a token to verify is no JWT")
            }
            let request = VerifyRequest(
                accessToken: token,
                expectedAudience: .named(plan.audience),
                omitsClaims: plan.omitsClaims
            )
            try workload.verifyFrames.append(request, lengthMax: lengthMax)
            if !plan.omitsClaims { workload.claimsLengths.append(Int32(claims.count)) }
        }
    }

    /// Lets the server sign tokens of as many subjects.
    static func signTokens(
        _ count: Int,
        audience: String,
        _ sizes: ClaimSizes? = nil,
        on connection: SetupConnection
    ) throws(LoadFailure) -> [[UInt8]] {
        var tokens = [[UInt8]](repeating: [], count: count)
        let request = { (number: Int) in signRequest(number, audience, sizes) }
        try connection.askEach(count, request) { number, answer in
            tokens[number] = answer.accessToken
        }
        return tokens
    }

    /// When the first of them expires, which is behind the end of the plan.
    private func firstExpiry(of tokens: [[UInt8]]) throws(LoadFailure) -> UInt64? {
        var claims: [UInt8] = []
        let expiries = tokens.compactMap { token in
            AccessTokenText.decodeClaims(of: token.span.bytes, into: &claims) ? AccessTokenText.expiry(in: claims) : nil
        }
        guard let first = expiries.min() else { return nil }
        let end = try neededUntil()
        guard first < end else { return first }
        let now = end - neededSeconds
        throw .usage(
            "tokens expire in \(first > now ? first - now : 0) seconds, before the run is over: "
                + "the server's access_token_ttl must be above \(neededSeconds) seconds"
        )
    }

    /// For how long tokens must be good.
    private var neededSeconds: UInt64 { UInt64(plan.totalNanoseconds / 1_000_000_000) + Self.tokenReserveSeconds }

    /// Until when, by the server's clock.
    private func neededUntil() throws(LoadFailure) -> UInt64 {
        try connection.ask(PingRequest()).serverTime + neededSeconds
    }

    private func addSessions(to workload: inout Workload) throws(LoadFailure) {
        if let path = plan.sessionsFile {
            for token in try TokenFile.read(path) {
                // How often each was rotated before is not in the file.
                workload.sessions.append(try RefreshSession(refreshToken: token, isTaken: true))
            }
            return
        }
        workload.sessions.reserveCapacity(plan.sessions)
        let request = { (number: Int) in Self.openRequest(number, plan.audience, plan.claimSizes) }
        try connection.askEach(plan.sessions, request) { (_, answer) throws(LoadFailure) in
            workload.sessions.append(try RefreshSession(refreshToken: answer.grant.refreshToken))
        }
    }
}
