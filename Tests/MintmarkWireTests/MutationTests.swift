import MintmarkTestSupport
import MintmarkWire
import Testing

/// Frames changed at random: the codec and the reference reader must say the same of each, and nothing may crash.
@Suite struct MutationTests {
    /// 25 messages of 2 000 mutations each.
    @Test(arguments: MessageShape.all)
    func codecAndReferenceAgreeOnMutatedBodies(shape: MessageShape) {
        let seed: UInt64 = 0x5EED
        var generator = SeededGenerator(seed: seed)
        var samples = Samples(seed: seed)
        let message = MessageUnderTest.of(shape)
        let reference = ReferenceReader(shape: shape)
        for round in 0..<20 {
            let body = samples.random(shape).body(of: shape)
            for _ in 0..<100 {
                let mutated = mutate(body, &generator)
                let fault = message.fault(of: mutated)
                let expected = reference.fault(of: mutated)
                if fault != expected {
                    Issue.record("seed \(seed), round \(round): \(mutated) is \(fault as Any), not \(expected as Any)")
                    return
                }
            }
        }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func scannerSurvivesAnyBytes(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<5_000 {
            var bytes = generator.bytes(count: Int.random(in: 0...40, using: &generator))
            for index in bytes.indices.prefix(2) where Bool.random(using: &generator) {
                bytes[index] = 0
            }
            let scanner = FrameScanner(lengthMax: Int.random(in: 6...100, using: &generator))
            let offset = Int.random(in: 0...bytes.count, using: &generator)
            switch scanner.scan(bytes.span.bytes, at: offset) {
            case .incomplete(let needed): #expect(needed > bytes.count - offset)
            case .frame(_, let body): #expect(body.lowerBound == offset + 10 && body.upperBound <= bytes.count)
            case .invalid(let error): #expect(error.status == .frameLength)
            }
        }
    }

    /// One to three small changes, of the kinds that tend to find mistakes.
    private func mutate(_ body: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = body
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            let at = Int.random(in: 0...bytes.count, using: &generator)
            let byte = UInt8.random(in: 0 ... .max, using: &generator)
            switch Int.random(in: 0..<7, using: &generator) {
            case 0 where at < bytes.count: bytes[at] = byte
            case 1 where at < bytes.count: bytes[at] ^= 1 << (byte & 7)
            case 2 where at < bytes.count: bytes[at] = [0, 1, 0x7F, 0x80, 0xFF][Int(byte) % 5]
            case 3 where at < bytes.count: bytes.remove(at: at)
            case 4: bytes.insert(byte, at: at)
            case 5: bytes.removeSubrange(at...)
            case 6: bytes.append(contentsOf: bytes.prefix(at))
            default: bytes.append(byte)
            }
        }
        return bytes
    }
}
