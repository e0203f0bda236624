import Testing

@testable import MintmarkCrypto

/// Putting other bytes in place of an array's.
@Suite struct ReplaceAllTests {
    @Test(arguments: [0, 1, 7, 300], [-1, 0, 1])
    func theArrayHoldsTheOtherBytes(count: Int, difference: Int) {
        let old = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let new = (0..<max(0, count + difference)).map { UInt8(truncatingIfNeeded: 200 - $0) }
        var bytes = old
        bytes.reserveCapacity(400)
        let copy = bytes
        bytes.replaceAll(copying: new.span.bytes)
        #expect(bytes == new)
        #expect(copy == old, "a copy that shared the memory is as it was")
    }
}
