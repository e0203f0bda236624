package import MintmarkCrypto

/// Identifies a session: 16 random bytes.
///
/// Ids are drawn by the store and never chosen by a caller, so their bits serve tables as a hash as they are.
package struct SessionID: Hashable, Sendable {
    package static let byteCount = 16

    /// The first eight bytes, big-endian.
    package let high: UInt64

    /// The last eight bytes, big-endian.
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Draws an id.
    package init(random: some RandomSource) {
        high = random.nextUInt64()
        low = random.nextUInt64()
    }

    /// Nil unless `bytes` are exactly 16.
    package init?(_ bytes: RawSpan) {
        guard bytes.byteCount == Self.byteCount else { return nil }
        var reader = ByteReader(bytes)
        high = reader.read(byteCount: 8, from: bytes)
        low = reader.read(byteCount: 8, from: bytes)
    }

    /// Appends the 16 bytes.
    package func append(to bytes: inout [UInt8]) {
        bytes.append(addingCapacity: Self.byteCount) { append(to: &$0) }
    }

    /// Appends its 16 bytes to `output`, where there must be room for them.
    @inline(__always)
    func append(to output: inout OutputSpan<UInt8>) {
        output.append(high, byteCount: 8)
        output.append(low, byteCount: 8)
    }
}

extension RandomSource {
    /// Eight random bytes as a number.
    func nextUInt64() -> UInt64 {
        var value: UInt64 = 0
        withUnsafeMutableBytes(of: &value) { fill($0) }
        return value
    }
}
