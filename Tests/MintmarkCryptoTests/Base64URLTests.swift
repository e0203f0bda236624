import Foundation
import MintmarkTestSupport
import Testing

@testable import MintmarkCrypto

@Suite struct Base64URLTests {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    private func encoded(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        Base64URL.encode(bytes.span.bytes, appendingTo: &output)
        return output
    }

    /// What processors without vectors make of it.
    private func encodedByTables(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.append(capacity: Base64URL.encodedCount(bytes.count)) { target in
            bytes.withUnsafeBufferPointer { bytes in
                if let source = bytes.baseAddress { Base64URLTables().encode(source, count: bytes.count, to: target) }
            }
            return Base64URL.encodedCount(bytes.count)
        }
        return output
    }

    /// The decoded bytes, checked to leave what was in the output before alone, and to be what is written over as many
    /// bytes; nil when refused.
    private func decoded(_ characters: [UInt8]) -> [UInt8]? {
        let before: [UInt8] = [1, 2, 3]
        var output = before
        guard Base64URL.decode(characters.span.bytes, appendingTo: &output) else {
            #expect(output == before)
            #expect(written(characters, over: Base64URL.decodedCount(characters.count) ?? 0) == nil)
            return nil
        }
        #expect(Array(output.prefix(3)) == before)
        let bytes = Array(output.dropFirst(3))
        #expect(written(characters, over: bytes.count) == bytes)
        #expect(written(characters, over: bytes.count + 1) == nil)
        #expect(bytes.isEmpty || written(characters, over: bytes.count - 1) == nil)
        return bytes
    }

    /// What decoding writes over `byteCount` bytes; nil when refused.
    private func written(_ characters: [UInt8], over byteCount: Int) -> [UInt8]? {
        var target = [UInt8](repeating: 0xAA, count: byteCount)
        var bytes = target.mutableSpan
        return Base64URL.decode(characters.span.bytes, over: &bytes) ? target : nil
    }

    private func foundationEncoded(_ bytes: [UInt8]) -> [UInt8] {
        Data(bytes).base64EncodedString().utf8.compactMap { character in
            switch character {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            case UInt8(ascii: "="): nil
            default: character
            }
        }
    }

    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
        ("foobar", "Zm9vYmFy"),
    ])
    func publishedVectorsOfRFC4648(bytes: String, characters: String) {
        #expect(encoded(Array(bytes.utf8)) == Array(characters.utf8))
        #expect(decoded(Array(characters.utf8)) == Array(bytes.utf8))
    }

    /// Lengths around the steps of the loops: 6 and 3 bytes of the tables', 12 and 24 of the vectors'.
    @Test(arguments: 0...100)
    func everyLengthAgreesWithFoundationAndComesBack(byteCount: Int) {
        var generator = SeededGenerator(seed: UInt64(byteCount))
        for _ in 0..<50 {
            let bytes = generator.bytes(count: byteCount)
            let characters = encoded(bytes)
            #expect(characters == foundationEncoded(bytes))
            #expect(characters == encodedByTables(bytes))
            #expect(characters.count == Base64URL.encodedCount(byteCount))
            #expect(Base64URL.decodedCount(characters.count) == byteCount)
            #expect(decoded(characters) == bytes)
        }
    }

    @Test(arguments: [UInt64(7), 8])
    func longInputAgreesWithFoundation(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let bytes = generator.bytes(count: 100_000 + Int(seed))
        #expect(encoded(bytes) == foundationEncoded(bytes))
        #expect(decoded(encoded(bytes)) == bytes)
    }

    /// The process would end at the first byte that is read on either side.
    @Test func encodingReadsNothingButItsBytes() throws {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let mapped = mmap(nil, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        let pages = try #require(mapped)
        defer { munmap(pages, 3 * page) }
        var generator = SeededGenerator(seed: 3)
        let bytes = generator.bytes(count: page)
        (pages + page).copyMemory(from: bytes, byteCount: page)
        try #require(mprotect(pages, page, PROT_NONE) == 0 && mprotect(pages + 2 * page, page, PROT_NONE) == 0)
        for byteCount in 0...100 {
            for offset in [0, page - byteCount] {
                var output: [UInt8] = []
                let source = UnsafeRawBufferPointer(start: pages + page + offset, count: byteCount)
                Base64URL.encode(source.bytes, appendingTo: &output)
                #expect(output == foundationEncoded(Array(bytes[offset..<offset + byteCount])))
            }
        }
    }

    /// Over whatever stood there, and nothing behind the end: the process would end at the first byte there.
    @Test(arguments: [UInt8(0x00), 0x41, 0xFF])
    func encodingWritesAllOfItsRoomAndNothingElse(before: UInt8) throws {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let mapped = mmap(nil, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        let pages = try #require(mapped)
        defer { munmap(pages, 2 * page) }
        try #require(mprotect(pages + page, page, PROT_NONE) == 0)
        var generator = SeededGenerator(seed: UInt64(before))
        for byteCount in 0...100 {
            let bytes = generator.bytes(count: byteCount)
            let count = Base64URL.encodedCount(byteCount)
            memset(pages, Int32(before), page)
            let end = (pages + page).assumingMemoryBound(to: UInt8.self)
            let room = UnsafeMutableBufferPointer(start: end - count, count: count)
            var output = OutputSpan(buffer: room, initializedCount: 0)
            Base64URL.encode(bytes.span.bytes, appendingTo: &output)
            #expect(output.finalize(for: room) == count)
            #expect(Array(room) == foundationEncoded(bytes))
            #expect(UnsafeRawBufferPointer(start: pages, count: page - count).allSatisfy { $0 == before })
        }
    }

    @Test func everyPairOfBytesHasItsOwnSpelling() {
        for value in UInt16.min ... .max {
            let bytes = [UInt8(value >> 8), UInt8(value & 255)]
            guard decoded(encoded(bytes)) == bytes else {
                Issue.record("\(bytes) did not come back")
                return
            }
        }
    }

    @Test(arguments: [
        "=", "==", "Zg=", "Zg==", "Zm8=", "Zm9v=", "Zm9vYg==", "Zg=a", "Z", "Zm9vY", "Zm9vZm9vZ", "+m9v", "/m9v",
        "Zm9+",
        "Zm9/", "Zm 9", " Zm9v", "Zm9v ", "Zm9v\n", "Zm\n9v", "Zm9\r", "Zm9\t", "Zm9\0", "Zm9.", "Zm9v.", "Zm9,",
        "Zm9é",
        "ZmZmZmZm!mZm", "Zm9vZm9vZm9vZm9!",
    ])
    func everythingOutsideOfTheAlphabetIsRefused(text: String) {
        #expect(decoded(Array(text.utf8)) == nil)
    }

    /// Lengths around the steps of the loops (12 and 4 characters), and each place in them.
    @Test(arguments: [2, 3, 4, 6, 7, 8, 10, 11, 12, 14, 15, 16, 20, 22, 23, 24])
    func everyForeignByteAtEveryPlaceIsRefused(characterCount: Int) {
        let foreign = (UInt8.min ... .max).filter { !Self.alphabet.contains($0) }
        for place in 0..<characterCount {
            for byte in foreign {
                var characters = [UInt8](repeating: UInt8(ascii: "A"), count: characterCount)
                characters[place] = byte
                guard decoded(characters) == nil else {
                    Issue.record("byte \(byte) at \(place) of \(characterCount) was accepted")
                    return
                }
            }
        }
    }

    @Test(arguments: ["", "AAAA", "AAAAAAAA", "AAAAAAAAAAAA"])
    func spareBitsMustBeZero(prefix: String) {
        let prefix = Array(prefix.utf8)
        for (value, last) in Self.alphabet.enumerated() {
            let one = decoded(prefix + [UInt8(ascii: "Z"), last])
            #expect((one != nil) == (value & 15 == 0), "two characters, the last of value \(value)")
            let two = decoded(prefix + [UInt8(ascii: "Z"), UInt8(ascii: "m"), last])
            #expect((two != nil) == (value & 3 == 0), "three characters, the last of value \(value)")
        }
    }

    @Test func signatureHasExactlyOneSpelling() {
        var generator = SeededGenerator(seed: 64)
        let signature = generator.bytes(count: 64)
        let characters = encoded(signature)
        let accepted = Self.alphabet.filter { last in
            var spelling = characters
            spelling[85] = last
            return decoded(spelling).map { $0 == signature } ?? false
        }
        #expect(accepted == [characters[85]])
    }

    @Test(arguments: [
        (0, 0), (1, nil), (2, 1), (3, 2), (4, 3), (5, nil), (6, 4), (85, nil), (86, 64), (87, 65), (88, 66),
    ])
    func decodedCountRefusesTheImpossibleLength(characterCount: Int, byteCount: Int?) {
        #expect(Base64URL.decodedCount(characterCount) == byteCount)
    }
}
