import MintmarkEngine
import MintmarkStorage
import MintmarkTokens
import NIOConcurrencyHelpers

/// From keys to the service that tokens are made and judged with.
extension KeyKeeper {
    /// Lets keys count. When this returns every burst that begins works with them.
    func publish(_ store: KeyStore, _ files: TrustedIssuerFiles, _ profile: Profile) {
        let current = tokens.now
        let next: TokenService
        do throws(KeyRingError) {
            next = try Self.service(store, files, profile, after: current)
        } catch {
            preconditionFailure("the private half of the active key is at hand: \(error)")
        }
        tokens.replace(with: next)
        if next.verifier.generation != current.verifier.generation {
            profile.cache?.purge()
        }
        published.withLockedValue { published in
            published.ledger = store.ledger
            published.policy = store.settings.policy
        }
    }

    static func service(
        _ store: KeyStore,
        _ files: TrustedIssuerFiles,
        _ profile: Profile,
        after predecessor: TokenService?
    ) throws(KeyRingError) -> TokenService {
        TokenService(
            keys: try store.ring,
            profile: profile.tokens,
            issuers: files.issuers,
            cache: profile.cache,
            leewaySeconds: profile.leewaySeconds,
            after: predecessor
        )
    }
}
