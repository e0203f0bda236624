/// Why bytes are not one strict JSON object, and where.
package struct JSONError: Error, Equatable, Sendable {
    package enum Reason: UInt8, Sendable {
        /// The text ends inside the object.
        case truncated
        /// A byte that JSON's grammar does not allow here.
        case unexpectedByte
        /// The text begins with something else than an object.
        case notAnObject
        /// Bytes other than white space behind the object.
        case trailingBytes
        /// A byte order mark before the object.
        case byteOrderMark
        /// Not UTF-8: overlong, a surrogate, above U+10FFFF, or cut off.
        case invalidUTF8
        /// A control character inside a string, not escaped.
        case controlCharacter
        /// A backslash followed by something else than RFC 8259 lists.
        case invalidEscape
        /// Half of a surrogate pair, escaped.
        case loneSurrogate
        /// Not a number by RFC 8259's grammar.
        case invalidNumber
        /// A number longer than `numberLengthMax`, or outside the magnitudes allowed.
        case numberOutOfRange
        /// Objects or arrays nested deeper than allowed.
        case tooDeep
        /// A member name that occurs before in the same object, compared after unescaping.
        case duplicateName
    }

    package let reason: Reason
    /// Offset of the byte at fault from the start of the text.
    package let offset: Int

    package init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}

extension JSONError: CustomStringConvertible {
    /// What is wrong and where, in words; nothing of the text itself.
    package var description: String {
        "\(reason.words), at offset \(offset)"
    }
}

extension JSONError.Reason {
    fileprivate var words: String {
        switch self {
        case .truncated: "the text ends too early"
        case .unexpectedByte: "a byte that JSON does not allow there"
        case .notAnObject: "not an object"
        case .trailingBytes: "something follows the object"
        case .byteOrderMark: "a byte order mark"
        case .invalidUTF8: "not valid UTF-8"
        case .controlCharacter: "a control character that is not escaped"
        case .invalidEscape: "an escape that JSON does not know"
        case .loneSurrogate: "half of a surrogate pair"
        case .invalidNumber: "not a JSON number"
        case .numberOutOfRange: "a number too long or out of range"
        case .tooDeep: "nested too deeply"
        case .duplicateName: "a name for the second time"
        }
    }
}
