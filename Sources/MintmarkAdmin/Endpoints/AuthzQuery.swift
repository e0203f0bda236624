/// The query of a request to `/authz`: what a proxy asks beside what the server asks of every token. It is written as
/// forms are: names and values percent-encoded, `+` for a space. Immutable.
package struct AuthzQuery: Sendable, Equatable {
    /// Why a query is none.
    struct Fault: Error, Equatable {
        /// What is wrong, without quotes and backslashes.
        let what: String

        init(_ what: String) { self.what = what }
    }

    /// Longest name of an audience or an issuer, and longest scope-token; bytes.
    package static let textLengthMax = 256
    package static let scopesMax = 64

    /// One that the token must be for, as UTF-8; nil: whatever the server takes.
    package private(set) var audience: [UInt8]?
    /// The one that must have made it, as UTF-8; nil: whoever the server trusts.
    package private(set) var issuer: [UInt8]?
    /// Scope-tokens that it must have, each once.
    package private(set) var scopes: [[UInt8]] = []
    /// Whether a malformed header is answered 401, for proxies that hand on no 400.
    private(set) var saysUnauthorized = false
    private var names: Set<String> = []

    /// Asks for nothing.
    package init(audience: [UInt8]? = nil, issuer: [UInt8]? = nil, scopes: [[UInt8]] = []) {
        self.audience = audience
        self.issuer = issuer
        self.scopes = scopes
    }

    /// - Parameter target: the request target.
    init(target: String) throws(Fault) {
        guard !target.utf8.contains(UInt8(ascii: "#")) else {
            throw Fault("the query is malformed")
        }
        let query = target.utf8.drop { $0 != UInt8(ascii: "?") }.dropFirst()
        guard !query.isEmpty else {
            return
        }
        for part in query.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false) {
            let name = part.prefix { $0 != UInt8(ascii: "=") }
            guard name.endIndex < part.endIndex else {
                throw Fault("the query is malformed")
            }
            let value = try Self.decode(Array(part[name.endIndex...].dropFirst()))
            try take(String(decoding: Self.decode(Array(name)), as: UTF8.self), value)
        }
    }

    private mutating func take(_ name: String, _ value: [UInt8]) throws(Fault) {
        switch name {
        case "audience":
            audience = try Self.text(value, "audience")
        case "issuer":
            issuer = try Self.text(value, "issuer")
        case "scope":
            scopes = try Self.scopes(value)
        case "malformed":
            guard value.elementsEqual("400".utf8) || value.elementsEqual("401".utf8) else {
                throw Fault("malformed is 400 or 401")
            }
            saysUnauthorized = value.elementsEqual("401".utf8)
        default:
            throw Fault("the query may name audience, issuer, scope and malformed")
        }
        guard names.insert(name).inserted else {
            throw Fault("the query names \(name) twice")
        }
    }

    private static func text(_ value: [UInt8], _ name: String) throws(Fault) -> [UInt8] {
        guard (1...textLengthMax).contains(value.count), String(validating: value, as: UTF8.self) != nil else {
            throw Fault("\(name) is no text of 1 to \(textLengthMax) bytes")
        }
        return value
    }

    /// A list of scope-tokens (RFC 6749 section 3.3).
    private static func scopes(_ value: [UInt8]) throws(Fault) -> [[UInt8]] {
        let tokens = value.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        let areSound = tokens.allSatisfy { token in
            (1...textLengthMax).contains(token.count)
                && token.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
        }
        guard areSound, tokens.count <= scopesMax else {
            throw Fault(
                "scope is no list of 1 to \(scopesMax) scope-tokens of 1 to \(textLengthMax) bytes with single spaces "
                    + "between them"
            )
        }
        return tokens.enumerated().filter { !tokens[..<$0.offset].contains($0.element) }.map { Array($0.element) }
    }

    private static func decode(_ text: [UInt8]) throws(Fault) -> [UInt8] {
        var bytes: [UInt8] = []
        var offset = 0
        while offset < text.count {
            let byte = text[offset]
            switch byte {
            case UInt8(ascii: "+"):
                bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard offset + 2 < text.count, let high = digit(text[offset + 1]), let low = digit(text[offset + 2])
                else {
                    throw Fault("the query is malformed")
                }
                bytes.append(high << 4 | low)
                offset += 2
            case 0x21...0x7E:
                bytes.append(byte)
            default:
                throw Fault("the query is malformed")
            }
            offset += 1
        }
        return bytes
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
