import MintmarkWire
import Testing

/// What holds for every message alike. The field lists come from the registry.
@Suite struct MessageTests {
    @Test(arguments: MessageShape.all, [1, 2, 3] as [UInt64])
    func messagesComeBackByteForByte(shape: MessageShape, seed: UInt64) throws {
        let message = MessageUnderTest.of(shape)
        var samples = Samples(seed: seed)
        for _ in 0..<40 {
            let fields = samples.random(shape)
            let body = fields.body(of: shape)
            let frame = rawFrame(kindByte: shape.kindByte, requestID: UInt32(seed), body: body)
            #expect(try message.decode(body) == message.make(fields))
            #expect(try message.encode(fields, UInt32(seed)) == frame)
        }
    }

    @Test(arguments: MessageShape.all)
    func everyCutIsAFaultUnlessTheRestIsOptional(shape: MessageShape) {
        let message = MessageUnderTest.of(shape)
        let reference = ReferenceReader(shape: shape)
        var samples = Samples(seed: 4)
        let body = samples.full(shape).body(of: shape)
        for count in 0..<body.count {
            let cut = Array(body[..<count])
            #expect(message.fault(of: cut) == reference.fault(of: cut), "cut at \(count)")
        }
        #expect(message.fault(of: body) == nil)
    }

    @Test(arguments: MessageShape.all)
    func requiredFieldsAreMissedLowestFirst(shape: MessageShape) {
        let message = MessageUnderTest.of(shape)
        var samples = Samples(seed: 5)
        let full = samples.full(shape)
        for field in shape.fields where !shape.exactlyOne.contains(field.name) {
            var fields = full
            fields.values[field.name] = nil
            let expected = field.isRequired ? Fault("FIELD_MISSING", field.tag) : nil
            #expect(message.fault(of: fields.body(of: shape)) == expected, "without \(field.name)")
        }
        let lowest = shape.fields.first { $0.isRequired }
        if let lowest { #expect(message.fault(of: []) == Fault("FIELD_MISSING", lowest.tag)) }
    }

    @Test(arguments: MessageShape.all)
    func tagsOfOtherMessagesAreUnknown(shape: MessageShape) {
        let message = MessageUnderTest.of(shape)
        var samples = Samples(seed: 6)
        let full = samples.full(shape)
        let own = Set(shape.fields.map(\.tag))
        for tag in 0..<0x80 as Range<UInt8> where !own.contains(tag) {
            let before = shape.fields.filter { $0.tag < tag }
            let body = before.flatMap { field in full.values[field.name].map { rawField(field.tag, rawValue($0)) } ?? []
            }
            #expect(message.fault(of: body + rawField(tag, [1])) == Fault("FIELD_UNKNOWN", tag))
        }
    }

    @Test(arguments: MessageShape.all)
    func fieldsComeOnceAndInOrder(shape: MessageShape) {
        let message = MessageUnderTest.of(shape)
        var samples = Samples(seed: 7)
        let pieces = pieces(of: samples.full(shape), shape)
        for (index, piece) in pieces.enumerated() {
            var twice = pieces
            twice.insert(piece, at: index)
            let expected = Fault("FIELD_DUPLICATE", piece[0])
            #expect(message.fault(of: Array(twice.joined())) == expected)
            guard index > 0 else { continue }
            var swapped = pieces
            swapped.swapAt(index - 1, index)
            let tag = pieces[index - 1][0]
            #expect(message.fault(of: Array(swapped.joined())) == Fault("FIELD_ORDER", tag))
        }
    }

    @Test(arguments: MessageShape.all)
    func highTagsAreSkippedAndObeyTheRules(shape: MessageShape) throws {
        let message = MessageUnderTest.of(shape)
        var samples = Samples(seed: 8)
        let body = samples.full(shape).body(of: shape)
        let plain = try message.decode(body)
        let skipped = rawField(0x80, []) + rawField(0x81, [1, 2, 3]) + rawField(0xFF, Array(repeating: 0, count: 200))
        #expect(try message.decode(body + skipped) == plain)
        #expect(message.fault(of: body + rawField(0x90, []) + rawField(0x90, [])) == Fault("FIELD_DUPLICATE", 0x90))
        #expect(message.fault(of: body + rawField(0x91, []) + rawField(0x90, [])) == Fault("FIELD_ORDER", 0x90))
        #expect(message.fault(of: body + [0x90]) == Fault("FIELD_TRUNCATED", 0x90))
        #expect(message.fault(of: body + [0x90, 2, 0]) == Fault("FIELD_TRUNCATED", 0x90))
        #expect(message.fault(of: body + [0x90, 0x81, 0x00]) == Fault("FIELD_LENGTH_FORM", 0x90))
        if let last = shape.fields.last {
            let behind = body + rawField(0x90, []) + rawField(last.tag, [1])
            #expect(message.fault(of: behind) == Fault("FIELD_ORDER", last.tag))
        }
    }

    @Test(arguments: MessageShape.all)
    func firstFaultInTheOrderOfTheBytesCounts(shape: MessageShape) {
        let message = MessageUnderTest.of(shape)
        // An unknown field before fields that are missing, and another fault behind it.
        let body = rawField(0x00, [])
        #expect(message.fault(of: body) == Fault("FIELD_UNKNOWN", 0x00))
        #expect(message.fault(of: body + body) == Fault("FIELD_UNKNOWN", 0x00))
    }

    private func pieces(of fields: FieldMap, _ shape: MessageShape) -> [[UInt8]] {
        shape.fields.compactMap { field in fields.values[field.name].map { rawField(field.tag, rawValue($0)) } }
    }
}
