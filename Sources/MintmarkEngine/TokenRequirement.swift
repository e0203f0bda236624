/// What a token must be to let its bearer in, beside being good. Immutable.
package struct TokenRequirement: Sendable, Equatable {
    /// One of these must be among its audiences; nil: any will do.
    package let audiences: Set<[UInt8]>?
    /// One of these must have made it; nil: whoever is trusted.
    package let issuers: Set<[UInt8]>?
    /// Scope-tokens that it must have, all of them; each once.
    package let scopes: [[UInt8]]

    package init(audiences: Set<[UInt8]>? = nil, issuers: Set<[UInt8]>? = nil, scopes: [[UInt8]] = []) {
        self.audiences = audiences
        self.issuers = issuers
        self.scopes = scopes
    }

    /// What this one and `other` both accept. Where no audience or no issuer is left, that is nothing.
    package func narrowed(by other: TokenRequirement) -> TokenRequirement {
        TokenRequirement(
            audiences: Self.common(audiences, other.audiences),
            issuers: Self.common(issuers, other.issuers),
            scopes: scopes + other.scopes.filter { !scopes.contains($0) }
        )
    }

    private static func common(_ one: Set<[UInt8]>?, _ other: Set<[UInt8]>?) -> Set<[UInt8]>? {
        guard let one, let other else {
            return one ?? other
        }
        return one.intersection(other)
    }

    /// Whether a token of this issuer will do.
    func accepts(issuer: [UInt8]) -> Bool {
        issuers?.contains(issuer) ?? true
    }

    /// Whether a token with this scope will do.
    func accepts(scope: [UInt8]?) -> Bool {
        let found = (scope ?? []).split(separator: UInt8(ascii: " "))
        return scopes.allSatisfy { wanted in found.contains { $0.elementsEqual(wanted) } }
    }
}
