package import MintmarkTokens
import NIOConcurrencyHelpers
import Synchronization

/// Everything that makes and judges access tokens, under one key ring and one set of settings. Immutable.
package final class TokenService: Sendable {
    package let signer: TokenSigner
    package let verifier: TokenVerifier
    /// Nil: every verification checks the signature.
    package let cache: VerifiedTokenCache?
    /// What VERIFY forgives when the request does not say.
    package let leewaySeconds: UInt32

    /// - Parameters:
    ///   - issuers: others whose tokens are good here, too.
    ///   - predecessor: the service that this one takes the place of, with the same cache.
    package init(
        keys: KeyRing,
        profile: TokenProfile,
        issuers: [TrustedIssuer] = [],
        cache: VerifiedTokenCache?,
        leewaySeconds: UInt32,
        after predecessor: TokenService? = nil
    ) {
        signer = TokenSigner(keys: keys, profile: profile)
        verifier = TokenVerifier(keys: keys, profile: profile, issuers: issuers, after: predecessor?.verifier)
        self.cache = cache
        self.leewaySeconds = leewaySeconds
    }
}

/// The token service that counts, which keys and settings replace as a whole. Any thread may replace it; each event loop
/// works with a reference of its own, and looks at the beginning of each burst whether there is another.
package final class CurrentTokenService: Sendable {
    private let service: NIOLockedValueBox<TokenService>
    private let replacements = Atomic<UInt64>(0)

    package init(_ service: TokenService) {
        self.service = NIOLockedValueBox(service)
    }

    /// Changes with every replacement.
    var version: UInt64 { replacements.load(ordering: .acquiring) }

    /// The service of now. Takes a lock.
    package var now: TokenService { service.withLockedValue { $0 } }

    /// Lets `service` count from now on: a burst that begins after this works with it.
    ///
    /// - Returns: the service that counted before.
    @discardableResult
    package func replace(with service: TokenService) -> TokenService {
        let former = self.service.withLockedValue { current in
            defer { current = service }
            return current
        }
        replacements.add(1, ordering: .releasing)
        return former
    }
}
