import Foundation
import MintmarkProgram
import Testing

@testable import MintmarkCommand

@Suite("JSON")
struct JSONTests {
    @Test("members are written in their order, and read back by others")
    func members() throws {
        var inner = JSONObject()
        inner.add("deep", 1)
        var object = JSONObject()
        object.add("text", "a")
        object.add("none", nil as String?)
        object.add("number", UInt64.max)
        object.add("flag", false)
        object.add("list", ["x", "y"])
        object.add("empty", [])
        object.add("object", inner)
        object.add("raw", json: "[1, 2]")
        let expected = #"{"text":"a","number":18446744073709551615,"flag":false,"list":["x","y"],"empty":[],"#
        #expect(object.text == expected + #""object":{"deep":1},"raw":[1, 2]}"#)
        #expect(try parsed(object.text).count == 7)
        #expect(JSONObject().text == "{}")
    }

    @Test("every character of the basic plane and others come back from a string")
    func strings() throws {
        let scalars = (0...0x2100).compactMap(Unicode.Scalar.init) + ["\u{FFFF}", "\u{1F389}", "\u{10FFFF}"]
        let text = String(String.UnicodeScalarView(scalars))
        var object = JSONObject()
        object.add("text", text)
        #expect(try parsed(object.text)["text"] as? String == text)
        #expect(object.text.unicodeScalars.allSatisfy { !$0.steersTerminals })
    }

    @Test(
        "strings are escaped",
        arguments: [
            Row("quotation marks and backslashes", #"a"b\c"#, #""a\"b\\c""#),
            Row("line ends and tabs", "\r\n\t", #""\r\n\t""#),
            Row("other controls", "\u{0}\u{1B}\u{9B}", #""\u0000\u001b\u009b""#),
        ]
    )
    func escapes(row: Row<String, String>) {
        #expect(JSONObject.quoted(row.given) == row.expected)
    }

    @Test("JSON on several lines comes on one, otherwise as it was")
    func singleLine() {
        let text = "{\n  \"a\" : \"x\\ny\",\r\n\t\"b\":1.50\n}"
        #expect(JSONText(Array(text.utf8)).singleLine == "{   \"a\" : \"x\\ny\",  \t\"b\":1.50 }")
    }

    @Test("what steers terminals in it is escaped")
    func singleLineSteersNobody() {
        let text = "{\"a\":\"\u{9B}31m\u{202E}\u{2028}\u{61C}\u{7}ž\"}"
        #expect(JSONText(Array(text.utf8)).singleLine == #"{"a":"\u009b31m\u202e\u2028\u061c\u0007ž"}"#)
    }

    @Test(
        "an object is taken apart at its outermost level",
        arguments: [
            Row("empty", "{}", []),
            Row("white space", " { } \n", []),
            Row("one", #"{"a":1}"#, ["a=1"]),
            Row("several", #"{ "a" : true , "b":null,"c":"x" }"#, ["a=true", "b=null", #"c="x""#]),
            Row("separators in strings", #"{"a,:{":"},:\"["}"#, [#"a,:{="},:\"[""#]),
            Row("nested", #"{"a":{"b":[1,{"c":2}]},"d":[{},[]]}"#, [#"a={"b":[1,{"c":2}]}"#, "d=[{},[]]"]),
            Row("a backslash at the end of a string", #"{"a":"\\","b":2}"#, [#"a="\\""#, "b=2"]),
            Row("no object", "[1]", nil),
            Row("nothing", "", nil),
            Row("half", #"{"a":"#, nil),
            Row("unbalanced", #"{"a":[1}"#, nil),
            Row("no name", "{1:2}", nil),
            Row("no value", #"{"a"}"#, nil),
        ] as [Row<String, [String]?>]
    )
    func members(row: Row<String, [String]?>) {
        let members = JSONText(Array(row.given.utf8)).members
        #expect(members?.map { "\($0.name)=\($0.value)" } == row.expected)
    }

    @Test(
        "an array is taken apart at its outermost level",
        arguments: [
            Row("empty", "[]", []),
            Row("several", #"[{"a":1} , [2,3],"x,y"]"#, [#"{"a":1}"#, "[2,3]", #""x,y""#]),
            Row("no array", "{}", nil),
        ] as [Row<String, [String]?>]
    )
    func elements(row: Row<String, [String]?>) {
        #expect(JSONText(Array(row.given.utf8)).elements?.map(\.singleLine) == row.expected)
    }
}
