import MintmarkWire
import Testing

/// The length in front of a value: shortest form, at most three bytes.
@Suite struct FieldLengthTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let length: [UInt8]
        let valueCount: Int
        let expected: Fault?

        init(_ name: String, _ length: [UInt8], valueCount: Int, _ expected: String? = nil) {
            self.name = name
            self.length = length
            self.valueCount = valueCount
            self.expected = expected.map { Fault($0, 0x11) }
        }

        var testDescription: String { name }
    }

    @Test(arguments: [
        Row("0", [0x00], valueCount: 0),
        Row("0 in two bytes", [0x80, 0x00], valueCount: 0, "FIELD_LENGTH_FORM"),
        Row("0 in three bytes", [0x80, 0x80, 0x00], valueCount: 0, "FIELD_LENGTH_FORM"),
        Row("127", [0x7F], valueCount: 127),
        Row("127 in two bytes", [0xFF, 0x00], valueCount: 127, "FIELD_LENGTH_FORM"),
        Row("128", [0x80, 0x01], valueCount: 128),
        Row("16383", [0xFF, 0x7F], valueCount: 16_383),
        Row("16383 in three bytes", [0xFF, 0xFF, 0x00], valueCount: 16_383, "FIELD_LENGTH_FORM"),
        Row("16384", [0x80, 0x80, 0x01], valueCount: 16_384),
        Row("2097151", [0xFF, 0xFF, 0x7F], valueCount: 2_097_151),
        Row("2097151 and a byte too few", [0xFF, 0xFF, 0x7F], valueCount: 2_097_150, "FIELD_TRUNCATED"),
        Row("2097152 in four bytes", [0x80, 0x80, 0x80, 0x01], valueCount: 2_097_152, "FIELD_LENGTH_FORM"),
        Row("1 in four bytes", [0x81, 0x80, 0x80, 0x00], valueCount: 1, "FIELD_LENGTH_FORM"),
        Row("2^32 - 1", [0xFF, 0xFF, 0xFF, 0xFF, 0x0F], valueCount: 0, "FIELD_LENGTH_FORM"),
        Row("no length", [], valueCount: 0, "FIELD_TRUNCATED"),
        Row("one of two bytes", [0x80], valueCount: 0, "FIELD_TRUNCATED"),
        Row("two of three bytes", [0x80, 0x80], valueCount: 0, "FIELD_TRUNCATED"),
        Row("a byte too few", [0x02], valueCount: 1, "FIELD_TRUNCATED"),
    ])
    func lengthForms(_ row: Row) throws {
        let value = [UInt8](repeating: 0x61, count: row.valueCount)
        let body = [0x11] + row.length + value
        var fault: Fault?
        do {
            let request = try IntrospectRequest(decoding: body.span.bytes)
            #expect(request.refreshToken == value)
        } catch {
            fault = Fault(error)
        }
        #expect(fault == row.expected)
    }

    @Test(arguments: MessageShape.all)
    func overlongLengthsAreRefusedInEveryField(shape: MessageShape) {
        let message = MessageUnderTest.of(shape)
        for field in shape.fields {
            var samples = Samples(seed: 9)
            let fields = samples.full(shape, chosen: shape.exactlyOne.contains(field.name) ? field.name : nil)
            let body = shape.fields.flatMap { other -> [UInt8] in
                guard let value = fields.values[other.name].map(rawValue) else { return [] }
                let excess = other.name == field.name ? 1 : 0
                return [other.tag] + rawLength(value.count, excess: excess) + value
            }
            #expect(message.fault(of: body) == Fault("FIELD_LENGTH_FORM", field.tag), "\(field.name)")
        }
    }
}
