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

    /// Of all lengths that are looked at in steps of their own, with one, none and several of them.
    @Test func aByteIsFoundWhereItIs() {
        for length in 0...80 {
            for place in 0...length {
                var bytes = [UInt8](repeating: 0, count: length)
                for other in stride(from: place, to: length, by: 37) { bytes[other] = 7 }
                for start in 0...length {
                    let expected = bytes[start...].firstIndex(of: 7)
                    #expect(bytes.span.bytes.offset(of: 7, from: start) == expected, "\(length), \(place), \(start)")
                }
            }
        }
    }
}
