import MintmarkProgram
import Testing

@testable import MintmarkCommand

@Suite("Text")
struct TextTests {
    @Test(
        "what could steer a terminal is spelled out",
        arguments: [
            Row("plain text", "alice & bob, 100 %", "alice & bob, 100 %"),
            Row("letters and pictures of the world", "žluťoučký 漢字 🎉", "žluťoučký 漢字 🎉"),
            Row("an escape sequence", "\u{1B}[31mred", "\\u{1B}[31mred"),
            Row("a line end", "a\nb", "a\\nb"),
            Row("delete, and a one-byte escape", "\u{7F}\u{9B}31m", "\\u{7F}\\u{009B}31m"),
            Row("what is not seen", "a\u{200B}b\u{FEFF}", "a\\u{200B}b\\u{FEFF}"),
            Row("a change of direction", "a\u{202E}b\u{2066}", "a\\u{202E}b\\u{2066}"),
        ]
    )
    func printable(row: Row<String, String>) {
        #expect(row.given.printable == row.expected)
    }

    @Test(
        "tokens are taken out of messages",
        arguments: [
            Row("no token", "Unexpected argument 'orders'", "Unexpected argument 'orders'"),
            Row("a refresh token", "argument 'mmrt_AbC-12_3'", "argument '…'"),
            Row("an access token", "argument 'eyJhbGciOi.e30.c2ln'", "argument '…'"),
            Row("one below the length", String(repeating: "a", count: 39), String(repeating: "a", count: 39)),
            Row("the length", String(repeating: "a", count: 40), "…"),
            Row("one above the length", String(repeating: "a", count: 41), "…"),
            Row("several", "eyJa eyJb, and mmrt_c.", "… …, and …"),
            Row("nothing", "", ""),
        ]
    )
    func redaction(row: Row<String, String>) {
        #expect(Redaction.withoutTokens(row.given) == row.expected)
    }

    @Test("values stand in one column")
    func alignedLines() {
        var lines = AlignedLines()
        #expect(lines.isEmpty)
        lines.add("a", "first")
        lines.add("none", nil)
        lines.add("long", "second\u{7}")
        #expect(!lines.isEmpty)
        #expect(lines.text == "a     first\nlong  second\\u{07}")
    }

    @Test("numbers end in one column")
    func alignedNumbers() {
        var lines = AlignedLines(alignsToTheRight: true)
        lines.add("a", "5")
        lines.add("long", "1234")
        #expect(lines.text == "a        5\nlong  1234")
    }

    @Test(
        "bytes are read from hexadecimal digits",
        arguments: [
            Row("none", "", []),
            Row("both cases", "00fFA5", [0x00, 0xFF, 0xA5]),
            Row("half a byte", "abc", nil),
            Row("a sign", "+1", nil),
            Row("a prefix", "0x12", nil),
            Row("a space", "12 4", nil),
        ] as [Row<String, [UInt8]?>]
    )
    func hexadecimal(row: Row<String, [UInt8]?>) {
        #expect(Hexadecimal.decode(row.given) == row.expected)
    }

    @Test("every byte comes back from its digits")
    func everyByte() {
        let bytes = Array(UInt8.min ... .max)
        #expect(Hexadecimal.decode(Hexadecimal.encode(bytes)) == bytes)
        #expect(Hexadecimal.encode([0x0A, 0xF0]) == "0af0")
    }
}
