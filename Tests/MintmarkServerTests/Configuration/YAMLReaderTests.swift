import MintmarkTestSupport
import Testing

@testable import MintmarkServer

@Suite("Reading YAML")
struct YAMLReaderTests {
    private static let unneeded: [(String, String)] = [
        ("threads: &a 1\n", "m.yaml:1:10: YAML anchors are not accepted"),
        ("limits: &a\n  in_flight: 1\n", "m.yaml:1:9: YAML anchors are not accepted"),
        ("threads: !!int 1\n", "m.yaml:1:10: YAML tags are not accepted"),
        ("threads: ! 1\n", "m.yaml:1:10: YAML tags are not accepted"),
        ("listen: !x [localhost:1]\n", "m.yaml:1:9: YAML tags are not accepted"),
        ("%YAML 1.1\n---\nthreads: 1\n", "m.yaml:1:1: YAML directives are not accepted"),
        ("%TAG ! !x\n---\nthreads: 1\n", "m.yaml:1:1: YAML directives are not accepted"),
        ("threads: 1\n---\nthreads: 1\n", "m.yaml:2:1: a file holds one YAML document, and here is another"),
        ("[a]: 1\n", "m.yaml:1:1: expected the name of a setting, found a list"),
        ("? {a: b}\n: 1\n", "m.yaml:1:3: expected the name of a setting, found a mapping"),
        ("? ~\n: 1\n", "m.yaml:1:3: expected the name of a setting, found nothing"),
        (
            "threads: [1\n",
            "m.yaml:2:1: not YAML: did not find expected ',' or ']' while parsing a flow sequence of line 1"
        ),
        (
            "limits:\n  a: 1\n b: 2\n",
            "m.yaml:3:2: not YAML: did not find expected key while parsing a block mapping of line 1"
        ),
        ("a: b: c\n", "m.yaml:1:5: not YAML: mapping values are not allowed in this context"),
        (
            "a: @b\n",
            "m.yaml:1:4: not YAML: found character that cannot start any token while scanning for the next token of line 1"
        ),
        (
            "issuer: \"a\n",
            "m.yaml:2:1: not YAML: found unexpected end of stream while scanning a quoted scalar of line 1"
        ),
    ]

    @Test(arguments: unneeded)
    func whatSettingsDoNotNeedIsRefused(text: String, fault: String) {
        #expect(faults(text) == [fault])
    }

    /// Before a name, behind another setting, in a list, in a block of text; and behind characters of several bytes.
    @Test(arguments: [
        ("limits:\n\tin_flight: 1\n", "2:1"), ("limits:\n  in_flight: 1\n\tqueue_time: 1s\n", "3:1"),
        ("listen:\n  - a\n\t- b\n", "3:1"), ("listen:\n-\t- b\n", "2:2"), ("issuer: |\n\tb\n", "2:1"),
        ("# \u{E4}\u{1F511}\r\nlimits:\r\n \tin_flight: 1\r\n", "3:2"),
    ])
    func aTabAsIndentationIsCalledOne(text: String, place: String) {
        #expect(
            faults(text) == ["m.yaml:\(place): not YAML: here is a tab, and YAML takes only spaces for indentation"]
        )
    }

    @Test func anchorsAndAliasesAreAllReported() {
        #expect(
            faults("issuer: &a b\nunix: *a\nready_file: *a\n*a : 1\n") == [
                "m.yaml:1:9: YAML anchors are not accepted",
                "m.yaml:2:7: YAML aliases are not accepted",
                "m.yaml:3:13: YAML aliases are not accepted",
                "m.yaml:4:1: YAML aliases are not accepted",
            ]
        )
    }

    private static let bytesThatAreNoText: [([UInt8], String)] = [
        ([0xFF], "m.yaml:1:1: the file is not UTF-8 from here on"),
        (Array("a: b\nä: ".utf8) + [0xC0, 0x80], "m.yaml:2:4: the file is not UTF-8 from here on"),
        (Array("a: ".utf8) + [0xED, 0xA0, 0x80], "m.yaml:1:4: the file is not UTF-8 from here on"),
        (Array("a: ".utf8) + [0xE2, 0x82], "m.yaml:1:4: the file is not UTF-8 from here on"),
        (Array("a: ".utf8) + [0xF5, 0x80, 0x80, 0x80], "m.yaml:1:4: the file is not UTF-8 from here on"),
        ([0xFE, 0xFF, 0x00, 0x61], "m.yaml:1:1: the file is not UTF-8 from here on"),
        (
            [0xEF, 0xBB, 0xBF] + Array("threads: 1".utf8),
            "m.yaml:1:1: a byte-order mark; the file must be UTF-8 without one"
        ),
        (Array("issuer: a\0b".utf8), "m.yaml:1:10: the character \\0 is not allowed"),
        (Array("\r\n\r\u{85}\u{1B}".utf8), "m.yaml:4:1: the character \\u{1B} is not allowed"),
        (Array("a: \u{7F}".utf8), "m.yaml:1:4: the character \\u{7F} is not allowed"),
        (Array("a: \u{FFFE}".utf8), "m.yaml:1:4: the character \\u{FFFE} is not allowed"),
    ]

    @Test(arguments: bytesThatAreNoText)
    func bytesThatAreNoTextAreRefused(bytes: [UInt8], fault: String) {
        #expect(report(bytes) == [fault])
    }

    @Test(arguments: [(-1, true), (0, true), (1, false)])
    func theFileIsAtMostOneMebibyte(excess: Int, isAccepted: Bool) {
        let comment = Array("{} #".utf8) + [UInt8](repeating: 0x78, count: (1 << 20) - 4 + excess)
        #expect(report(comment) == (isAccepted ? [] : ["m.yaml:1:1: the file is longer than 1048576 bytes"]))
    }

    @Test(arguments: [(14, true), (15, true), (16, false)])
    func nestingIsAtMostSixteenLevels(lists: Int, isAccepted: Bool) {
        let text = "a: \(String(repeating: "[", count: lists))\(String(repeating: "]", count: lists))"
        let (root, faults) = YAMLReader.read(Array(text.utf8), file: "m.yaml")
        #expect((root != nil) == isAccepted)
        #expect(faults.map(\.description) == (isAccepted ? [] : ["m.yaml:1:19: nested more than 16 levels deep"]))
    }

    @Test(arguments: [(-1, true), (0, true), (1, false)])
    func thereAreAtMostTenThousandValues(excess: Int, isAccepted: Bool) {
        // The mapping, its key and its list are values, too.
        let items = [String](repeating: "1", count: 10_000 - 3 + excess).joined(separator: ",")
        let (root, faults) = YAMLReader.read(Array("a: [\(items)]".utf8), file: "m.yaml")
        #expect((root != nil) == isAccepted)
        #expect(faults.map(\.message) == (isAccepted ? [] : ["more than 10000 values"]))
    }

    @Test(arguments: ["[", "{", "{a: ", "- ", "? ", "[{a: ", "*a ", "&a ", "!a ", "\"", "'", "|\n", "%", "a:\n "])
    func aMebibyteOfAnythingIsRefusedInGoodTime(part: String) {
        let repeated = String(repeating: part, count: (1 << 20) / part.utf8.count)
        #expect(!report(Array(repeated.utf8)).isEmpty)
    }

    @Test func aHugeScalarIsQuotedInPart() {
        let huge = String(repeating: "x", count: 1 << 19)
        let fault = "m.yaml:1:10: threads: expected a whole number from 1 to 256, found '\(huge.prefix(60))…'"
        #expect(faults("threads: \(huge)\n") == [fault])
        #expect(faults("\(huge.prefix(1000)): 1\n") == ["m.yaml:1:1: unknown setting '\(huge.prefix(60))…'"])
    }

    @Test func theExampleCutAnywhereNeverCrashes() {
        let example = Array(exampleConfiguration.utf8)
        for count in example.indices {
            let report = report(Array(example[..<count]))
            #expect(report.allSatisfy { $0.hasPrefix("m.yaml:") })
        }
    }

    @Test(arguments: 0..<16)
    func theExampleWithWrongBytesNeverCrashes(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<100 {
            var example = Array(exampleConfiguration.utf8)
            for _ in 0...Int.random(in: 0..<4, using: &generator) {
                let index = Int.random(in: example.indices, using: &generator)
                example[index] = Bool.random(using: &generator) ? .random(in: 0...255, using: &generator) : 0x7B
            }
            _ = report(example)
        }
    }

    private func report(_ bytes: [UInt8]) -> [String] {
        do {
            _ = try load(bytes: bytes)
            return []
        } catch {
            return error.faults.map(\.description)
        }
    }
}
