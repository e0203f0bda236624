import MintmarkSessions
package import MintmarkWire

/// What a client may do. Immutable; made once, so that asking costs little.
package struct Permissions: Equatable, Sendable {
    /// What may be asked for. Operations of administrators are in it only where the client is one.
    package let operations: OperationSet
    package let isAdministrator: Bool
    /// Nil: any subject.
    let subjects: [SubjectPattern]?
    /// As `SessionAudience` lists them; nil: any audience.
    let audiences: [UInt8]?
    /// As `ScopeList` lists them; nil: any scope-token.
    let scopes: [UInt8]?
    /// Names of outermost members, as UTF-8; nil: any claim.
    let claims: Set<[UInt8]>?
    /// Whether any of the four above refuses anything.
    let restrictsTokens: Bool

    /// Everything, or everything but administration.
    package init(isAdministrator: Bool) {
        self.init(operations: .all, isAdministrator: isAdministrator)
    }

    /// - Parameters:
    ///   - operations: Those of administrators are added and taken away by `isAdministrator`.
    ///   - subjects: Patterns in which `*` stands for any run of characters; nil: any subject. Likewise audiences,
    ///     scope-tokens and the names of claims, without patterns.
    package init(
        operations: OperationSet,
        isAdministrator: Bool,
        subjects: [String]? = nil,
        audiences: [String]? = nil,
        scopes: [String]? = nil,
        claims: [String]? = nil
    ) {
        self.operations =
            (isAdministrator
            ? operations.union(.administration) : operations.subtracting(.administration))
            .union(OperationSet(.ping))
        self.isAdministrator = isAdministrator
        self.subjects = subjects.map { $0.map(SubjectPattern.init) }
        self.audiences = audiences.map { SessionAudience.list($0) }
        self.scopes = scopes.map { Array($0.joined(separator: " ").utf8) }
        self.claims = claims.map { Set($0.map { Array($0.utf8) }) }
        restrictsTokens = subjects != nil || audiences != nil || scopes != nil || claims != nil
    }

    /// Whether tokens may be asked for, for any subject and any audience.
    package var makesAnyToken: Bool {
        let isAnySubject = subjects?.contains(where: \.matchesEverything) ?? true
        return isAnySubject && audiences == nil && (operations.contains(.sign) || operations.contains(.open))
    }

    /// The same for somebody who is no administrator.
    package var withoutAdministration: Permissions {
        Permissions(self)
    }

    /// Takes administration away.
    private init(_ other: Permissions) {
        operations = other.operations.subtracting(.administration)
        isAdministrator = false
        subjects = other.subjects
        audiences = other.audiences
        scopes = other.scopes
        claims = other.claims
        restrictsTokens = other.restrictsTokens
    }

    /// Why an operation is not permitted at all; nil when it may be.
    package func refusal(of kind: Kind) -> PermissionRule? {
        if operations.contains(kind) {
            nil
        } else if OperationSet.administration.contains(kind) {
            .admin
        } else {
            .operations
        }
    }
}

/// A pattern of subjects: in it, `*` stands for any run of bytes, none included. Immutable.
struct SubjectPattern: Equatable, Sendable {
    /// What stands before, between and behind the stars; one piece is a pattern without a star.
    private let pieces: [[UInt8]]

    init(_ pattern: String) {
        pieces = pattern.utf8.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false).map { Array($0) }
    }

    /// Whether there is nothing in it but stars.
    var matchesEverything: Bool { pieces.count > 1 && pieces.allSatisfy(\.isEmpty) }

    func matches(_ subject: RawSpan) -> Bool {
        guard let first = pieces.first, let last = pieces.last, pieces.count > 1 else {
            return pieces.first.map { subject.isEqual(to: $0.span.bytes) } ?? false
        }
        let middle = subject.byteCount - first.count - last.count
        guard middle >= 0, subject.extracting(first: first.count).isEqual(to: first.span.bytes),
            subject.extracting(last: last.count).isEqual(to: last.span.bytes)
        else {
            return false
        }
        // Each piece in between goes as far to the front as it can: that leaves the others the most room.
        var offset = first.count
        let end = subject.byteCount - last.count
        for piece in pieces[1..<(pieces.count - 1)] {
            while offset + piece.count <= end,
                !subject.extracting(offset..<(offset + piece.count)).isEqual(to: piece.span.bytes)
            {
                offset += 1
            }
            guard offset + piece.count <= end else {
                return false
            }
            offset += piece.count
        }
        return true
    }
}
