/// Why custom claims are refused. Offsets count from the start of the claims.
package enum ClaimsError: Error, Equatable, Sendable {
    /// Not one strict JSON object within the limits.
    case invalid(JSONError)
    /// Longer than `TokenLimits.claimsLengthMax`.
    case tooLong(byteCount: Int)
    /// A member name occurs twice in one object, at any depth.
    case duplicate(offset: Int)
    /// A member of the outermost object has a name that the server sets itself.
    case reserved(RegisteredClaim, offset: Int)
}

extension ClaimsError: CustomStringConvertible {
    /// What is wrong and where, in words; nothing of the claims but a reserved name.
    package var description: String {
        switch self {
        case .invalid(let error): "\(error)"
        case .tooLong(let byteCount): "\(byteCount) bytes, and at most \(TokenLimits.claimsLengthMax) are taken"
        case .duplicate(let offset): "at offset \(offset)"
        case .reserved(let claim, let offset): "\(claim.rawValue), at offset \(offset)"
        }
    }
}

/// Judges the custom claims a caller wants in a token.
///
/// Working memory of one thread, never copied: with warm buffers it allocates nothing.
package struct ClaimsValidator: ~Copyable, Sendable {
    private var scratch = JSONScratch()

    package init() {}

    /// Checks that `claims` is one strict JSON object (see `JSONScanner`) of at most `TokenLimits.claimsLengthMax` bytes
    /// and `claimsDepthMax` levels, none of whose outermost members has the name of a `RegisteredClaim`.
    ///
    /// The checks come in the order: length, syntax, repeated names, reserved names; the first failure is thrown.
    package mutating func validate(_ claims: RawSpan) throws(ClaimsError) {
        guard claims.byteCount <= TokenLimits.claimsLengthMax else {
            throw .tooLong(byteCount: claims.byteCount)
        }
        do {
            try JSONScanner.scan(claims, depthMax: TokenLimits.claimsDepthMax, into: &scratch)
        } catch {
            throw error.reason == .duplicateName ? .duplicate(offset: error.offset) : .invalid(error)
        }
        for index in scratch.members.indices {
            let name = scratch.members[index].name
            guard RegisteredClaim.hasName(byteCount: name.range.count) else { continue }
            if let claim = scratch.withName(name, in: claims, { RegisteredClaim(name: $0) }) {
                throw .reserved(claim, offset: name.position)
            }
        }
    }

    /// Whether every outermost member of `claims`, which were validated before, has a name that `isAllowed` takes, as
    /// UTF-8 without escapes. False for what is no strict JSON object.
    package mutating func outermostNames(of claims: RawSpan, allSatisfy isAllowed: ([UInt8]) -> Bool) -> Bool {
        do {
            try JSONScanner.scan(claims, depthMax: TokenLimits.claimsDepthMax, into: &scratch)
        } catch {
            return false
        }
        return scratch.members.allSatisfy { member in
            scratch.withName(member.name, in: claims) { name in
                isAllowed(name.withUnsafeBytes { Array($0) })
            }
        }
    }
}
