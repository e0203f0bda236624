import HTTPTypes

/// Reads the token that a request shows in its Authorization header (RFC 6750 section 2.1), strictly.
enum BearerToken {
    /// Why there is none.
    enum Fault: Error, Equatable {
        /// The request shows none, or speaks of another scheme.
        case none
        /// What is malformed, without quotes and backslashes.
        case malformed(String)
    }

    /// The token of `fields`: one token68 (RFC 9110 section 11.2), of any length.
    static func read(_ fields: HTTPFields) throws(Fault) -> [UInt8] {
        let values = fields[values: .authorization]
        guard let value = values.first else {
            throw .none
        }
        guard values.count == 1 else {
            throw .malformed("more than one Authorization header")
        }
        let bytes = Array(value.utf8)
        let scheme = bytes.prefix { $0 != UInt8(ascii: " ") }
        guard !scheme.isEmpty, scheme.allSatisfy(isTokenCharacter) else {
            throw .malformed("the Authorization header has no scheme")
        }
        guard String(decoding: scheme, as: UTF8.self).lowercased() == "bearer" else {
            throw .none
        }
        let token = bytes[scheme.endIndex...].drop { $0 == UInt8(ascii: " ") }
        guard isToken68(token) else {
            throw .malformed("the Authorization header holds no bearer token")
        }
        return Array(token)
    }

    /// One character or more, then any number of `=`.
    private static func isToken68(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let end = bytes.lastIndex(where: { $0 != UInt8(ascii: "=") }) else {
            return false
        }
        return bytes[...end].allSatisfy { isAlphanumeric($0) || "-._~+/".utf8.contains($0) }
    }

    /// Of which names and schemes are made (RFC 9110 section 5.6.2).
    private static func isTokenCharacter(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }
}
