import MintmarkTestSupport
import MintmarkWire

/// The fields of a message by their names in the registry. The Swift type of a value follows from the field's type.
struct FieldMap {
    struct Absent: Error {
        let name: String
    }

    var values: [String: any Sendable] = [:]

    /// The field, if it is there.
    func optional<Value>(_ name: String) -> Value? { values[name] as? Value }

    /// The field, which must be there.
    func required<Value>(_ name: String) throws -> Value {
        guard let value = values[name] as? Value else { throw Absent(name: name) }
        return value
    }

    /// The body that has these fields, put together without the codec under test.
    func body(of shape: MessageShape) -> [UInt8] {
        shape.fields.flatMap { field in
            values[field.name].map { rawField(field.tag, rawValue($0)) } ?? []
        }
    }
}

/// The bytes of a value, put together without the codec under test.
func rawValue(_ value: any Sendable) -> [UInt8] {
    switch value {
    case let number as UInt8: bigEndian(UInt64(number), count: 1)
    case let number as UInt16: bigEndian(UInt64(number), count: 2)
    case let number as UInt32: bigEndian(UInt64(number), count: 4)
    case let number as UInt64: bigEndian(number, count: 8)
    case let flag as Bool: [flag ? 1 : 0]
    case let text as String: Array(text.utf8)
    case let bytes as [UInt8]: bytes
    case let texts as [String]: texts.flatMap { rawItem(Array($0.utf8)) }
    case let counters as [Counter]: counters.flatMap { rawItem(bigEndian($0.value, count: 8) + Array($0.name.utf8)) }
    case let keys as [SigningKey]: keys.flatMap { rawItem(rawKey($0)) }
    default: preconditionFailure("\(type(of: value)) is no field's type")
    }
}

private func rawKey(_ key: SigningKey) -> [UInt8] {
    let instants = [key.preparedAt, key.usableAt, key.activatedAt, key.retiredAt, key.endedAt]
    return instants.flatMap { bigEndian($0, count: 8) } + [key.state.rawValue] + key.publicKey + Array(key.keyID.utf8)
}

func bigEndian(_ number: UInt64, count: Int) -> [UInt8] {
    (0..<count).reversed().map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
}

func rawItem(_ bytes: [UInt8]) -> [UInt8] { bigEndian(UInt64(bytes.count), count: 2) + bytes }

func rawField(_ tag: UInt8, _ value: [UInt8]) -> [UInt8] { [tag] + rawLength(value.count) + value }

/// A length in LEB128, with `excess` bytes more than it needs.
func rawLength(_ length: Int, excess: Int = 0) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = length
    repeat {
        bytes.append(UInt8(rest & 0x7F) | 0x80)
        rest >>= 7
    } while rest > 0
    bytes += [UInt8](repeating: 0x80, count: excess)
    bytes[bytes.count - 1] &= 0x7F
    return bytes
}

func rawFrame(kindByte: UInt8, flags: UInt8 = 0, requestID: UInt32 = 1, body: [UInt8]) -> [UInt8] {
    bigEndian(UInt64(body.count + 6), count: 4) + [kindByte, flags] + bigEndian(UInt64(requestID), count: 4) + body
}
