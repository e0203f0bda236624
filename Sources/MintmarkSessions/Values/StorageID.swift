package import MintmarkCrypto

/// Names a store or a snapshot: 16 random bytes.
package struct StorageID: Hashable, Sendable {
    package static let byteCount = 16
    package static let zero = StorageID(high: 0, low: 0)

    let high: UInt64
    let low: UInt64

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Draws an id.
    package init(random: some RandomSource) {
        high = random.nextUInt64()
        low = random.nextUInt64()
    }

    init(from reader: inout ByteReader, _ bytes: RawSpan) {
        high = reader.read(byteCount: 8, from: bytes)
        low = reader.read(byteCount: 8, from: bytes)
    }

    func append(to bytes: inout [UInt8]) {
        bytes.append(high, byteCount: 8)
        bytes.append(low, byteCount: 8)
    }
}

extension StorageID: CustomStringConvertible {
    /// 32 hexadecimal digits.
    package var description: String {
        [high, low].map { half in
            let digits = String(half, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
