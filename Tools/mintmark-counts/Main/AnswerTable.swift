import MintmarkWire

/// Answers to VERIFY that were given before, by the token's signature.
struct AnswerTable {
    private static let slotCount = 1 << 17

    /// What tells a request from others, in each slot; 0 is a free slot.
    private var keys = [UInt64](repeating: 0, count: slotCount)
    /// Where the answer lies, for each slot.
    private var answers = [Range<Int>](repeating: 0..<0, count: slotCount)
    private var bytes: [UInt8] = []
    private var count = 0

    /// What tells the request with this body from others; nil if it has no token. The end of a token's signature is as
    /// good as random.
    static func key(ofVerify body: RawSpan) -> UInt64? {
        guard let token = VerifyRequestFields.presumedToken(in: body), token.count >= 8 else { return nil }
        let end = body.extracting(token.upperBound - 8..<token.upperBound)
        // Bytes of any values are a number.
        let tail = end.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
        return (tail &+ UInt64(body.byteCount)) &* 0x9E37_79B9_7F4A_7C15 | 1
    }

    /// Copies the answer's frame to where there is room for it; returns its size, or nil if it is not known.
    @inline(__always)
    func copyAnswer(to key: UInt64, into room: UnsafeMutableRawBufferPointer) -> Int? {
        let slot = slot(of: key)
        guard keys[slot] == key else { return nil }
        let answer = answers[slot]
        bytes.withUnsafeBytes { room.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[answer])) }
        return answer.count
    }

    /// Keeps an answer, as long as there is room for more.
    mutating func keep(_ answer: [UInt8], to key: UInt64) {
        let slot = slot(of: key)
        guard count < Self.slotCount / 2, keys[slot] == 0 else { return }
        keys[slot] = key
        answers[slot] = bytes.count..<bytes.count + answer.count
        bytes += answer
        count += 1
    }

    /// The slot that has the key, or a free one.
    @inline(__always)
    private func slot(of key: UInt64) -> Int {
        var slot = Int(truncatingIfNeeded: key >> 40) & (Self.slotCount - 1)
        while keys[slot] != 0, keys[slot] != key { slot = (slot + 1) & (Self.slotCount - 1) }
        return slot
    }
}
