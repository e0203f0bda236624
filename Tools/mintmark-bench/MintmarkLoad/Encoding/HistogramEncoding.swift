/// Histograms as HdrHistogram's tools write them: the V2 encoding, compressed, in base64.
///
/// ```
/// u32 0x1C849314  u32 length  zlib stream of:
///     u32 0x1C849313  u32 payload length  u32 0  u32 digits  u64 lowest  u64 highest  f64 1.0  payload
/// payload: for every counter up to the last that is not zero, its count; a run of n > 1 zeros is -n.
///          Numbers are ZigZag LEB128, of at most 9 bytes, of which the ninth has 8 bits.
/// ```
/// All numbers are big-endian.
enum HistogramEncoding {
    private static let cookie: UInt32 = 0x1C84_9313
    private static let compressedCookie: UInt32 = 0x1C84_9314
    private static let headerByteCount = 40
    /// Far more counters than five digits need.
    private static let counterCountMax = 1 << 26

    /// Why something is no histogram.
    struct Fault: Error, Hashable, CustomStringConvertible {
        var description: String
    }

    static func encode(_ histogram: HistogramSnapshot) -> String {
        let payload = payload(of: histogram)
        var bytes: [UInt8] = []
        bytes.append(bigEndian: cookie)
        bytes.append(bigEndian: UInt32(payload.count))
        bytes.append(bigEndian: UInt32(0))
        bytes.append(bigEndian: UInt32(histogram.layout.digits))
        bytes.append(bigEndian: histogram.layout.lowestValue)
        bytes.append(bigEndian: histogram.layout.highestValue)
        bytes.append(bigEndian: (1.0).bitPattern)
        let stream = Zlib.stored(bytes + payload)
        var result: [UInt8] = []
        result.append(bigEndian: compressedCookie)
        result.append(bigEndian: UInt32(stream.count))
        return Base64.encode(result + stream)
    }

    private static func payload(of histogram: HistogramSnapshot) -> [UInt8] {
        var payload: [UInt8] = []
        var next = 0
        for entry in histogram.entries {
            let zeros = entry.counter - next
            if zeros > 0 { append(zeros == 1 ? 0 : -Int64(zeros), to: &payload) }
            append(Int64(entry.count), to: &payload)
            next = entry.counter + 1
        }
        return payload
    }

    private static func append(_ value: Int64, to bytes: inout [UInt8]) {
        var rest = UInt64(bitPattern: (value << 1) ^ (value >> 63))
        for _ in 0..<8 {
            guard rest > 0x7F else {
                bytes.append(UInt8(rest))
                return
            }
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    static func decode(_ text: String) throws(Fault) -> HistogramSnapshot {
        guard let outer = Base64.decode(Array(text.utf8)) else { throw Fault(description: "no base64") }
        guard outer.count >= 8, outer.bigEndian(at: 0, UInt32.self) == compressedCookie else {
            throw Fault(description: "no compressed histogram in the V2 encoding")
        }
        let length = Int(outer.bigEndian(at: 4, UInt32.self))
        guard length <= outer.count - 8, let bytes = Zlib.inflate(outer[8..<8 + length]) else {
            throw Fault(description: "the compressed bytes are damaged")
        }
        guard bytes.count >= headerByteCount, bytes.bigEndian(at: 0, UInt32.self) == cookie else {
            throw Fault(description: "no histogram in the V2 encoding")
        }
        let payloadLength = Int(bytes.bigEndian(at: 4, UInt32.self))
        guard payloadLength <= bytes.count - headerByteCount, bytes.bigEndian(at: 8, UInt32.self) == 0 else {
            throw Fault(description: "the histogram is cut off, or shifted")
        }
        let layout = HistogramLayout(
            lowestValue: bytes.bigEndian(at: 16, UInt64.self),
            highestValue: bytes.bigEndian(at: 24, UInt64.self),
            digits: Int(bytes.bigEndian(at: 12, UInt32.self))
        )
        guard let layout else { throw Fault(description: "no such histogram can exist") }
        return HistogramSnapshot(layout, entries: try entries(bytes[headerByteCount..<headerByteCount + payloadLength]))
    }

    private static func entries(_ payload: ArraySlice<UInt8>) throws(Fault) -> [HistogramSnapshot.Entry] {
        var entries: [HistogramSnapshot.Entry] = []
        var rest = payload
        var counter = 0
        while !rest.isEmpty {
            guard let value = takeNumber(&rest) else { throw Fault(description: "a count is cut off") }
            if value < 0 {
                guard value > -Int64(counterCountMax) else { throw Fault(description: "more counters than can be") }
                counter += Int(-value)
            } else {
                if value > 0 { entries.append(.init(counter: counter, count: Int(value))) }
                counter += 1
            }
            guard counter <= counterCountMax else { throw Fault(description: "more counters than can be") }
        }
        return entries
    }

    private static func takeNumber(_ bytes: inout ArraySlice<UInt8>) -> Int64? {
        var value: UInt64 = 0
        for place in 0..<9 {
            guard let byte = bytes.popFirst() else { return nil }
            let isLast = place == 8 || byte & 0x80 == 0
            value |= UInt64(place == 8 ? byte : byte & 0x7F) << UInt64(7 * place)
            if isLast { break }
        }
        return Int64(bitPattern: value >> 1) ^ -Int64(value & 1)
    }
}

extension [UInt8] {
    fileprivate mutating func append(bigEndian value: some FixedWidthInteger) {
        for shift in stride(from: value.bitWidth - 8, through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    fileprivate func bigEndian<Value: FixedWidthInteger>(at offset: Int, _: Value.Type) -> Value {
        self[offset..<offset + Value.bitWidth / 8].reduce(0) { $0 << 8 | Value($1) }
    }
}
