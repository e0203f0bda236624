import MintmarkWire
import Testing

/// The limits of every field of every message at -1, 0 and +1, and the widths of fixed values.
@Suite struct FieldLimitTests {
    @Test(arguments: MessageShape.all)
    func numbersHaveTheirWidth(shape: MessageShape) {
        for field in shape.fields {
            guard let width = field.width else { continue }
            for count in [0, width - 1, width + 1, width + 8] {
                let value = [UInt8](repeating: 0, count: count)
                #expect(fault(of: value, in: field, shape) == Fault("FIELD_SIZE", field.tag), "\(field.name) \(count)")
            }
        }
    }

    @Test(arguments: MessageShape.all)
    func numbersKeepTheirRange(shape: MessageShape) {
        for field in shape.fields where field.type.hasPrefix("u") {
            guard let width = field.width else { continue }
            let greatest = width == 8 ? UInt64.max : (1 << (UInt64(width) * 8)) - 1
            let allowed = field.allowed.clamped(to: 0...greatest)
            var numbers = [(allowed.lowerBound, true), (allowed.upperBound, true)]
            if allowed.lowerBound > 0 { numbers.append((allowed.lowerBound - 1, false)) }
            if allowed.upperBound < greatest { numbers += [(allowed.upperBound + 1, false), (greatest, false)] }
            for (number, isAllowed) in numbers where field.name != "lowest_version" && field.name != "highest_version" {
                let expected = isAllowed ? nil : Fault("FIELD_VALUE", field.tag)
                #expect(
                    fault(of: bigEndian(number, count: width), in: field, shape) == expected,
                    "\(field.name) \(number)"
                )
            }
        }
    }

    @Test(arguments: MessageShape.all)
    func flagsAreZeroOrOne(shape: MessageShape) {
        for field in shape.fields where field.type == "bool" {
            #expect(fault(of: [1], in: field, shape) == nil, "\(field.name)")
            for value in [2, 0x7F, 0x80, 0xFF] as [UInt8] {
                #expect(fault(of: [value], in: field, shape) == Fault("FIELD_VALUE", field.tag), "\(field.name)")
            }
            let offFault: Fault? =
                switch field.name {
                case "all": Fault("FIELD_VALUE", field.tag)
                case "any_audience": Fault("FIELD_CONFLICT", 0x15)
                default: nil
                }
            #expect(fault(of: [0], in: field, shape) == offFault, "\(field.name)")
        }
    }

    @Test(arguments: MessageShape.all)
    func bytesAndTextsKeepTheirSize(shape: MessageShape) {
        for field in shape.fields where ["bytes", "text"].contains(field.type) && field.name != "magic" {
            let allowed = field.allowed.clamped(to: 0...60_000)
            var sizes = [(allowed.lowerBound, true), (allowed.upperBound, true)]
            if allowed.lowerBound > 0 { sizes += [(allowed.lowerBound - 1, false), (0, false)] }
            if allowed.upperBound < 60_000 { sizes += [(allowed.upperBound + 1, false), (60_000, false)] }
            if allowed.count > 2 { sizes += [(allowed.lowerBound + 1, true), (allowed.upperBound - 1, true)] }
            for (size, isAllowed) in sizes {
                let value = [UInt8](repeating: 0x61, count: Int(size))
                let expected = isAllowed ? nil : Fault("FIELD_SIZE", field.tag)
                #expect(fault(of: value, in: field, shape) == expected, "\(field.name) \(size)")
            }
        }
    }

    @Test(arguments: MessageShape.all)
    func listsKeepTheirCount(shape: MessageShape) {
        for field in shape.fields where field.type == "list of text" {
            let isBounded = field.allowed.upperBound < 1_000
            for count in [0, 1, 2, 15, 16, 17, 18] {
                let value = (0..<count).flatMap { rawItem(Array("item \($0)".utf8)) }
                let isAllowed = field.allowed.contains(UInt64(count))
                #expect(isAllowed || isBounded)
                let expected = isAllowed ? nil : Fault("FIELD_SIZE", field.tag)
                #expect(fault(of: value, in: field, shape) == expected, "\(field.name) \(count)")
            }
        }
    }

    @Test(arguments: MessageShape.all)
    func itemsKeepTheirSize(shape: MessageShape) {
        for field in shape.fields where field.type == "list of text" {
            for size in [0, 1, 2, 255, 256, 257, 10_000] {
                let value = rawItem([0x61]) + rawItem([UInt8](repeating: 0x61, count: size))
                let expected = field.itemLength.contains(size) ? nil : Fault("FIELD_SIZE", field.tag)
                #expect(fault(of: value, in: field, shape) == expected, "\(field.name) \(size)")
            }
        }
    }

    /// The fault of a body that is good but for this field's value.
    private func fault(of value: [UInt8], in field: MessageShape.Field, _ shape: MessageShape) -> Fault? {
        MessageUnderTest.of(shape).fault(of: body(with: value, in: field, shape))
    }
}

/// A good body, but with `value` as one field's value.
func body(with value: [UInt8], in field: MessageShape.Field, _ shape: MessageShape) -> [UInt8] {
    var samples = Samples(seed: 10)
    let fields = samples.full(shape, chosen: shape.exactlyOne.contains(field.name) ? field.name : nil)
    return shape.fields.flatMap { other -> [UInt8] in
        if other.name == field.name { return rawField(other.tag, value) }
        return fields.values[other.name].map { rawField(other.tag, rawValue($0)) } ?? []
    }
}
