import MintmarkTestSupport
import Testing

@testable import MintmarkTokens

/// The classes that JSONTestSuite covers, in tables of our own. Values are tried inside an object, at two places.
@Suite struct JSONScannerTests {
    struct Row: CustomTestStringConvertible, Sendable {
        let name: String
        let json: [UInt8]
        let reason: JSONError.Reason?

        var testDescription: String { name }

        static func valid(_ name: String, _ json: String) -> Row { Row(name: name, json: json.bytes, reason: nil) }

        static func invalid(_ name: String, _ json: String, _ reason: JSONError.Reason) -> Row {
            Row(name: name, json: json.bytes, reason: reason)
        }

        static func invalid(_ name: String, bytes: [UInt8], _ reason: JSONError.Reason) -> Row {
            Row(name: name, json: bytes, reason: reason)
        }
    }

    static func error(_ json: [UInt8], depthMax: Int = 16) -> JSONError? {
        var scratch = JSONScratch()
        do {
            try JSONScanner.scan(json.span.bytes, depthMax: depthMax, into: &scratch)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: JSONTables.validValues)
    func validValueIsAccepted(_ row: Row) {
        #expect(Self.error(#"{"a":"#.bytes + row.json + "}".bytes) == nil)
        #expect(Self.error(#"{"a":[0, "#.bytes + row.json + #" ],"b":{}}"#.bytes) == nil)
    }

    @Test(arguments: JSONTables.invalidValues)
    func invalidValueIsRejected(_ row: Row) {
        #expect(Self.error(#"{"a":"#.bytes + row.json + "}".bytes)?.reason == row.reason)
        #expect(Self.error(#"{"a":["#.bytes + row.json + #"],"b":{}}"#.bytes) != nil)
    }

    @Test(arguments: JSONTables.validDocuments)
    func validDocumentIsAccepted(_ row: Row) {
        #expect(Self.error(row.json) == nil)
    }

    @Test(arguments: JSONTables.invalidDocuments)
    func invalidDocumentIsRejected(_ row: Row) {
        #expect(Self.error(row.json)?.reason == row.reason)
    }

    /// Cut at every byte, a document is incomplete and nothing else, and never reads beyond its end.
    @Test(arguments: JSONTables.validDocuments)
    func prefixIsTruncated(_ row: Row) {
        let content = row.json.count - row.json.reversed().prefix { ASCII.isWhitespace($0) }.count
        for count in 0..<content {
            let prefix = Array(row.json.prefix(count))
            let reason = Self.error(prefix)?.reason
            #expect(reason == .truncated || reason == .invalidUTF8 || reason == .loneSurrogate, "\(count)")
        }
    }

    @Test func positionIsThatOfTheByteAtFault() {
        #expect(Self.error(#"{"a":1,}"#.bytes) == JSONError(.unexpectedByte, at: 7))
        #expect(Self.error(#"{"a":"0123456789\x"}"#.bytes) == JSONError(.invalidEscape, at: 17))
        #expect(Self.error(#"{"a":1,"b":2,"a":3}"#.bytes) == JSONError(.duplicateName, at: 13))
        #expect(Self.error(#" {} x"#.bytes) == JSONError(.trailingBytes, at: 4))
        #expect(Self.error(#"{"a":01}"#.bytes) == JSONError(.invalidNumber, at: 5))
    }

    /// Every byte that may not stand in a string is found, wherever it lies in the word that is looked at at once.
    @Test(arguments: 0..<24)
    func specialByteIsFoundAtEveryPosition(_ position: Int) {
        for byte in UInt8.min ... .max {
            var text = [UInt8](repeating: UInt8(ascii: "x"), count: 24)
            text[position] = byte
            let isPlain = byte >= 0x20 && byte < 0x80 && byte != ASCII.quotationMark && byte != ASCII.backslash
            let json = #"{"a":""#.bytes + text + #""}"#.bytes
            // A backslash before an x, a quotation mark too early, a control character, half a character.
            #expect((Self.error(json) == nil) == isPlain, "\(byte)")
        }
    }

    @Test func membersAreReported() throws {
        let json =
            #" { "a" : "x" , "\u0062" : "\n" , "c" : -1.5e3 , "d":[1], "e":{"a":{}}, "f":true,"#
            + #""g":false,"h":null} "#
        var scratch = JSONScratch()
        let bytes = json.bytes
        try JSONScanner.scan(bytes.span.bytes, depthMax: 16, into: &scratch)
        let names = scratch.members.map { member in
            scratch.withName(member.name, in: bytes.span.bytes) { name in
                name.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            }
        }
        let values = scratch.members.map { String(decoding: bytes[$0.value.range], as: UTF8.self) }
        #expect(names == ["a", "b", "c", "d", "e", "f", "g", "h"])
        #expect(values == [#""x""#, #""\n""#, "-1.5e3", "[1]", #"{"a":{}}"#, "true", "false", "null"])
        #expect(
            scratch.members.map(\.value.kind) == [
                .string, .escapedString, .number, .array, .object, .literalTrue, .literalFalse, .literalNull,
            ]
        )
    }

    /// More than sixteen are sorted to find equal ones, and less are not. Those of objects inside are none of the outermost's.
    @Test(arguments: [1, 16, 17, 40])
    func membersKeepTheirOrder(count: Int) throws {
        var generator = SeededGenerator(seed: UInt64(count))
        let names = (0..<count).map { "\($0)" }.shuffled(using: &generator)
        let inside = "{" + names.map { #""\#($0)":[]"# }.joined(separator: ",") + "}"
        let json = ("{" + names.map { #""\#($0)":\#(inside)"# }.joined(separator: ",") + "}").bytes
        var scratch = JSONScratch()
        try JSONScanner.scan(json.span.bytes, depthMax: 16, into: &scratch)
        let found = scratch.members.map { member in
            scratch.withName(member.name, in: json.span.bytes) { name in
                name.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            }
        }
        #expect(found == names)
        #expect(scratch.members.allSatisfy { $0.value.range.count == inside.utf8.count })
    }

    /// What stands behind a name, up to the document's end, is no part of how it is compared.
    @Test(arguments: 0...12)
    func namesDifferByTheirOwnCharactersAlone(length: Int) {
        let name = String("abcdefghijkl".prefix(length))
        for (first, second) in [(name, name), (name, name + "m"), (name + "m", name + "n")] {
            for (value, end) in [("1", ""), (#""abcdefghijkl""#, ""), ("1", "        ")] {
                let json = #"{"\#(first)":\#(value),"\#(second)":\#(value)}"# + end
                #expect((Self.error(json.bytes)?.reason == .duplicateName) == (first == second), "\(json)")
            }
        }
    }

    @Test func escapesAreResolved() throws {
        let json = #"{"a":"\"\\\/\b\f\n\r\t\u0000\u00e9\u20AC\ud834\udd1e é€𝄞"}"#.bytes
        var scratch = JSONScratch()
        try JSONScanner.scan(json.span.bytes, depthMax: 16, into: &scratch)
        let text = try #require(scratch.members[0].value.text)
        var unescaped: [UInt8] = []
        text.appendUnescaped(from: json.span.bytes, to: &unescaped)
        #expect(String(decoding: unescaped, as: UTF8.self) == "\"\\/\u{8}\u{C}\n\r\t\0é€𝄞 é€𝄞")
    }
}
