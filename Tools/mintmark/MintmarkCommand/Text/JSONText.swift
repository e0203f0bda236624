import MintmarkProgram

/// JSON that came from the server, shown without being understood.
///
/// The server's JSON is strict. Here it is only taken apart at its outermost level; what is not even an object is left
/// as it is.
struct JSONText {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The text as it came, but on one line, and with what steers terminals escaped as JSON does it: line ends can only stand
    /// between JSON's tokens, the rest only in strings.
    var singleLine: String {
        String(decoding: bytes, as: UTF8.self).unicodeScalars.reduce(into: "") { line, scalar in
            switch scalar {
            case "\n", "\r": line += " "
            case "\t": line += "\t"
            case _ where scalar.steersTerminals: line += JSONObject.escaped(scalar)
            default: line.unicodeScalars.append(scalar)
            }
        }
    }

    /// A member of the object: its name as it is spelled between the quotation marks, and its value's text.
    struct Member: Hashable {
        var name: String
        var value: String
    }

    /// The members of the outermost object; nil if the text is none.
    var members: [Member]? {
        guard let inner = Self.inside(bytes[...], "{", "}") else { return nil }
        guard let parts = Self.split(inner, at: ",") else { return nil }
        var members: [Member] = []
        for part in parts {
            guard let pair = Self.split(part, at: ":"), pair.count == 2, let name = Self.inside(pair[0], "\"", "\"")
            else { return nil }
            members.append(Member(name: Self.text(name), value: Self.text(pair[1])))
        }
        return members
    }

    /// The elements of the outermost array; nil if the text is none.
    var elements: [JSONText]? {
        guard let inner = Self.inside(bytes[...], "[", "]") else { return nil }
        return Self.split(inner, at: ",")?.map { JSONText(Array($0)) }
    }
}

extension JSONText {
    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        JSONText(Array(bytes)).singleLine
    }

    /// What stands between two characters, without white space around it.
    private static func inside(
        _ text: ArraySlice<UInt8>,
        _ first: Unicode.Scalar,
        _ last: Unicode.Scalar
    ) -> ArraySlice<UInt8>? {
        let text = trimmed(text)
        guard text.count >= 2, text.first == UInt8(ascii: first), text.last == UInt8(ascii: last) else { return nil }
        return trimmed(text.dropFirst().dropLast())
    }

    static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard
            let first = text.firstIndex(where: { !$0.isJSONSpace }),
            let last = text.lastIndex(where: { !$0.isJSONSpace })
        else { return text[text.startIndex..<text.startIndex] }
        return text[first...last]
    }

    /// Parts the text at a character that stands in no string, object or array. Nil if those do not end.
    private static func split(_ text: ArraySlice<UInt8>, at separator: Unicode.Scalar) -> [ArraySlice<UInt8>]? {
        guard !text.isEmpty else { return [] }
        var parts: [ArraySlice<UInt8>] = []
        var start = text.startIndex
        var nesting = Nesting()
        for index in text.indices {
            if nesting.isOutermost, text[index] == UInt8(ascii: separator) {
                parts.append(trimmed(text[start..<index]))
                start = index + 1
            } else {
                nesting.pass(text[index])
            }
        }
        parts.append(trimmed(text[start...]))
        return nesting.isOutermost ? parts : nil
    }
}

/// Where in strings, objects and arrays a byte of JSON stands.
private struct Nesting {
    private var depth = 0
    private var isInString = false
    private var isEscaped = false

    var isOutermost: Bool { depth == 0 && !isInString }

    mutating func pass(_ byte: UInt8) {
        if isEscaped {
            isEscaped = false
            return
        }
        switch byte {
        case UInt8(ascii: "\\"): isEscaped = isInString
        case UInt8(ascii: "\""): isInString.toggle()
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += isInString ? 0 : 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= isInString ? 0 : 1
        default: break
        }
    }
}

extension UInt8 {
    fileprivate static let lineFeed = UInt8(ascii: "\n")
    fileprivate static let carriageReturn = UInt8(ascii: "\r")
    fileprivate static let space = UInt8(ascii: " ")

    /// White space between JSON's tokens (RFC 8259 section 2).
    var isJSONSpace: Bool {
        self == .space || self == .lineFeed || self == .carriageReturn || self == UInt8(ascii: "\t")
    }
}
