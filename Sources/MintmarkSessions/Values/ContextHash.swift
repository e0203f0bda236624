import MintmarkCrypto

/// What is kept of a caller's context: the first 16 bytes of SHA-256 over the session id and the context.
///
/// The session id makes equal contexts of two sessions look different. An absent context is a context of its own: it
/// equals only another absent one.
package struct ContextHash: Hashable, Sendable {
    package static let byteCount = 16

    let high: UInt64
    let low: UInt64

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    package init(of context: RawSpan, in session: SessionID) {
        var message: [UInt8] = []
        message.reserveCapacity(SessionID.byteCount + context.byteCount)
        session.append(to: &message)
        message.append(contentsOf: context)
        var digest: [UInt8] = []
        SHA256.hash(message.span.bytes, appendingTo: &digest)
        var reader = ByteReader(digest.span.bytes)
        high = reader.read(byteCount: 8, from: digest.span.bytes)
        low = reader.read(byteCount: 8, from: digest.span.bytes)
    }

    func append(to bytes: inout [UInt8]) {
        bytes.append(addingCapacity: Self.byteCount) { append(to: &$0) }
    }

    /// Appends its 16 bytes to `output`, where there must be room for them.
    @inline(__always)
    func append(to output: inout OutputSpan<UInt8>) {
        output.append(high, byteCount: 8)
        output.append(low, byteCount: 8)
    }
}
