import JWTKit

/// What Mintmark's verification is compared with: jwt-kit, in the caller's own process.
///
///     jwtkit-verify SECONDS AUDIENCE JWKS < TOKENS
///
/// Verifies the tokens of standard input, one on a line, again and again for so long, and prints how often in a second.
/// Signature, expiry and audience are checked, and the claims decoded; a token that is not good ends it.
@main
struct Main {
    /// The claims of an access token, as far as a service looks at them.
    private struct Claims: JWTPayload {
        var sub: SubjectClaim
        var aud: AudienceClaim
        var exp: ExpirationClaim

        func verify(using algorithm: some JWTAlgorithm) throws {
            try exp.verifyNotExpired()
        }
    }

    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 4, let seconds = Double(arguments[1]), seconds > 0 else {
            print("usage: jwtkit-verify SECONDS AUDIENCE JWKS < TOKENS")
            throw Failure.usage
        }
        var tokens: [[UInt8]] = []
        while let line = readLine() { tokens.append(Array(line.utf8)) }
        guard !tokens.isEmpty else { throw Failure.noTokens }
        let keys = JWTKeyCollection()
        try await keys.add(jwksJSON: arguments[3])
        let (clock, start) = (ContinuousClock(), ContinuousClock.now)
        var count = 0
        while clock.now - start < .seconds(seconds) {
            // The clock is read once for many.
            for _ in 0..<256 {
                let claims = try await keys.verify(tokens[count % tokens.count], as: Claims.self)
                try claims.aud.verifyIntendedAudience(includes: arguments[2])
                count += 1
            }
        }
        let elapsed = clock.now - start
        let (whole, rest) = elapsed.components
        print("verified in a second:", Int(Double(count) / (Double(whole) + Double(rest) / 1e18)))
    }

    private enum Failure: Error {
        case usage
        case noTokens
    }
}
