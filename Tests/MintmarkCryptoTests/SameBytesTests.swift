import Testing

@testable import MintmarkCrypto

@Suite struct SameBytesTests {
    func areSame(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.span.bytes.hasSameBytes(as: right.span.bytes)
    }

    /// Of every length, and with a difference at every place: the comparison takes many bytes in a step.
    @Test func everyDifferenceCounts() {
        let text = (0..<200).map { UInt8($0) }
        for count in 0...text.count {
            let left = Array(text[..<count])
            var right = left
            #expect(areSame(left, right))
            for place in right.indices {
                right[place] ^= 0x80
                #expect(!areSame(left, right), "\(count) bytes, another at \(place)")
                right[place] ^= 0x80
            }
        }
    }

    @Test func anotherLengthIsADifference() {
        let text = (0..<100).map { UInt8($0) }
        #expect(!areSame(text, text.dropLast()))
        #expect(!areSame(text, text + [0]))
    }
}
