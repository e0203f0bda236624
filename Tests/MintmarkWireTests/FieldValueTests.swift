import MintmarkWire
import Testing

/// Values of the right size that their fields do not allow.
@Suite struct FieldValueTests {
    struct TextRow: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]
        let isText: Bool
        /// Whether it may name somebody.
        let isName: Bool

        init(_ name: String, _ bytes: [UInt8], isText: Bool, isName: Bool? = nil) {
            testDescription = name
            self.bytes = bytes
            self.isText = isText
            self.isName = isName ?? isText
        }
    }

    static let texts: [TextRow] = [
        TextRow("ASCII", Array("user-1@example.com".utf8), isText: true),
        TextRow("two, three and four bytes", Array("é日🙂".utf8), isText: true),
        TextRow("the last scalar", [0xF4, 0x8F, 0xBF, 0xBF], isText: true),
        TextRow("a byte order mark", [0xEF, 0xBB, 0xBF, 0x61], isText: true),
        TextRow("C1 controls", [0xC2, 0x85], isText: true),
        TextRow("beyond the last scalar", [0xF4, 0x90, 0x80, 0x80], isText: false),
        TextRow("a lone continuation", [0x61, 0x80], isText: false),
        TextRow("a truncated sequence", [0x61, 0xE2, 0x82], isText: false),
        TextRow("an over-long slash", [0xC0, 0xAF], isText: false),
        TextRow("an over-long NUL", [0xC0, 0x80], isText: false),
        TextRow("an over-long form of three bytes", [0xE0, 0x80, 0xAF], isText: false),
        TextRow("a surrogate", [0xED, 0xA0, 0x80], isText: false),
        TextRow("FF", [0xFF], isText: false),
        TextRow("a bad byte behind eight good ones", Array("12345678".utf8) + [0xFE], isText: false),
        TextRow("a bad byte among many", Array("1234567890".utf8) + [0xC3] + Array("1234567890".utf8), isText: false),
        TextRow("NUL", [0x61, 0x00], isText: true, isName: false),
        TextRow("a tab", [0x09], isText: true, isName: false),
        TextRow("a line feed among many", Array("12345678901\n2345678".utf8), isText: true, isName: false),
        TextRow("1F in the first word", Array("1234".utf8) + [0x1F] + Array("5678".utf8), isText: true, isName: false),
        TextRow("seven bytes that begin with a tab", Array("\t234567".utf8), isText: true, isName: false),
        TextRow("seven bytes that end with DEL", Array("123456\u{7F}".utf8), isText: true, isName: false),
        TextRow("seven bytes that begin with a bad one", [0xFE] + Array("234567".utf8), isText: false),
        TextRow("seven good bytes", Array("1234567".utf8), isText: true),
        TextRow("DEL", [0x7F], isText: true, isName: false),
        TextRow("DEL behind text of two bytes", Array("éééééééé".utf8) + [0x7F], isText: true, isName: false),
        TextRow("space", [0x20], isText: true),
        TextRow("80 less one and 20", Array("~ ~ ~ ~ ~ ~".utf8), isText: true),
    ]

    @Test(arguments: texts)
    func textsAreUTF8AndNamesHaveNoControls(_ row: TextRow) {
        for shape in MessageShape.all {
            let message = MessageUnderTest.of(shape)
            for field in shape.fields where field.type == "text" && field.name != "scope" {
                let isAllowed = field.allowsControlCharacters ? row.isText : row.isName
                let expected = isAllowed ? nil : Fault("FIELD_VALUE", field.tag)
                let fault = message.fault(of: body(with: row.bytes, in: field, shape))
                #expect(fault == expected, "\(shape.testDescription) \(field.name)")
            }
            for field in shape.fields where field.type == "list of text" {
                let isAllowed = field.allowsControlCharacters ? row.isText : row.isName
                let expected = isAllowed ? nil : Fault("FIELD_VALUE", field.tag)
                let fault = message.fault(of: body(with: rawItem([0x61]) + rawItem(row.bytes), in: field, shape))
                #expect(fault == expected, "\(shape.testDescription) \(field.name)")
            }
        }
    }

    @Test(arguments: [
        ("one token", "read", true), ("several", "read write admin:all", true), ("one character", "!", true),
        ("all characters", "!#[]~", true), ("a leading space", " read", false), ("a trailing space", "read ", false),
        ("two spaces", "read  write", false), ("only a space", " ", false), ("a quote", "re\"ad", false),
        ("a backslash", "re\\ad", false), ("a tab", "read\twrite", false), ("DEL", "read\u{7F}", false),
        ("not ASCII", "lesé", false), ("NUL", "read\0", false),
    ])
    func scopesAreTokensSeparatedBySingleSpaces(name: String, scope: String, isAllowed: Bool) {
        for shape in MessageShape.all {
            guard let field = shape.field("scope") else { continue }
            let fault = MessageUnderTest.of(shape).fault(of: body(with: Array(scope.utf8), in: field, shape))
            #expect(fault == (isAllowed ? nil : Fault("FIELD_VALUE", field.tag)), "\(name)")
        }
    }

    @Test(
        arguments: [
            ("half a length", [0x00]), ("a length alone", [0x00, 0x01]),
            ("an item cut short", [0x00, 0x03, 0x61, 0x62]),
            ("a byte behind the last item", [0x00, 0x01, 0x61, 0x00]), ("a length beyond all", [0xFF, 0xFF, 0x61]),
        ] as [(String, [UInt8])]
    )
    func listsEndBehindAnItem(name: String, value: [UInt8]) {
        for shape in MessageShape.all {
            for field in shape.fields where field.type.hasPrefix("list") {
                let fault = MessageUnderTest.of(shape).fault(of: body(with: value, in: field, shape))
                #expect(fault == Fault("FIELD_VALUE", field.tag), "\(name) in \(field.name)")
            }
        }
    }

    @Test(
        arguments: [
            ("no counter", [], true),
            ("one", rawItem([0, 0, 0, 0, 0, 0, 0, 9, 0x61]), true),
            ("no name", rawItem([0, 0, 0, 0, 0, 0, 0, 9]), false),
            ("half a value", rawItem([0, 0, 0, 0]), false),
            ("nothing", rawItem([]), false),
            ("a name that is not ASCII", rawItem([0, 0, 0, 0, 0, 0, 0, 9] + Array("é".utf8)), false),
        ] as [(String, [UInt8], Bool)]
    )
    func countersHaveAValueAndAName(name: String, value: [UInt8], isAllowed: Bool) throws {
        let shape = try #require(MessageShape.all.first { $0.name == "STATS" && $0.direction == .response })
        let field = try #require(shape.field("counters"))
        let fault = MessageUnderTest.of(shape).fault(of: body(with: value, in: field, shape))
        #expect(fault == (isAllowed ? nil : Fault("FIELD_VALUE", field.tag)), "\(name)")
    }

    @Test func magicIsTheMagic() throws {
        let shape = try #require(MessageShape.all.first { $0.name == "HELLO" && $0.direction == .request })
        let field = try #require(shape.field("magic"))
        let message = MessageUnderTest.of(shape)
        #expect(message.fault(of: body(with: Array("MINTMARK".utf8), in: field, shape)) == nil)
        for wrong in ["MINTMARk", "mintmark", "GET / HT", "\0INTMARK"] {
            let fault = message.fault(of: body(with: Array(wrong.utf8), in: field, shape))
            #expect(fault == Fault("FIELD_VALUE", field.tag), "\(wrong)")
        }
        for wrong in ["MINTMAR", "MINTMARKS"] {
            let fault = message.fault(of: body(with: Array(wrong.utf8), in: field, shape))
            #expect(fault == Fault("FIELD_SIZE", field.tag), "\(wrong)")
        }
    }
}
