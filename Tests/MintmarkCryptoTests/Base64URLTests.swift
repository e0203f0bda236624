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

    private static let tables = Base64URLTables()

    /// What processors without vectors make of it.
    private func encodedByTables(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.append(capacity: Base64URL.encodedCount(bytes.count)) { target in
            bytes.withUnsafeBufferPointer { bytes in
                if let source = bytes.baseAddress { Self.tables.encode(source, count: bytes.count, to: target) }
            }
            return Base64URL.encodedCount(bytes.count)
        }
        return output
    }

    /// What processors without vectors make of it.
    private func decodedByTables(_ characters: [UInt8]) -> [UInt8]? {
        guard let byteCount = Base64URL.decodedCount(characters.count) else { return nil }
        var output: [UInt8] = []
        var isValid = true
        output.append(capacity: byteCount) { target in
            characters.withUnsafeBufferPointer { characters in
                guard let source = characters.baseAddress else { return }
                isValid = Self.tables.decode(source, count: characters.count, to: target)
            }
            return byteCount
        }
        return isValid ? output : nil
    }

    /// The decoded bytes, checked to leave what was in the output before alone, to be what is written over as many bytes,
    /// and to be what processors without vectors make of it; nil when refused.
    private func decoded(_ characters: [UInt8]) -> [UInt8]? {
        let before: [UInt8] = [1, 2, 3]
        var output = before
        guard Base64URL.decode(characters.span.bytes, appendingTo: &output) else {
            #expect(output == before)
            #expect(decodedByTables(characters) == nil)
            #expect(written(characters, over: Base64URL.decodedCount(characters.count) ?? 0) == nil)
            return nil
        }
        #expect(Array(output.prefix(3)) == before)
        let bytes = Array(output.dropFirst(3))
        #expect(decodedByTables(characters) == bytes)
        #expect(written(characters, over: bytes.count) == bytes)
        #expect(written(characters, over: bytes.count + 1) == nil)
        #expect(bytes.isEmpty || written(characters, over: bytes.count - 1) == nil)
        return bytes
    }

    /// The same as `decoded`, of many texts: without expectations, which cost more than decoding.
    private func decodedQuietly(_ characters: [UInt8]) -> [UInt8]? {
        var output: [UInt8] = []
        return Base64URL.decode(characters.span.bytes, appendingTo: &output) ? output : nil
    }

    private func refuses(_ characters: [UInt8]) -> Bool {
        decodedQuietly(characters) == nil && decodedByTables(characters) == nil
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

    /// Lengths around the steps of the loops: 6 and 3 bytes of the tables', 12 and 24 of the vectors'. Decoding takes 32
    /// characters at a time.
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

    /// The process would end at the first byte that is read on either side, or written behind the end.
    @Test func decodingStaysInsideItsCharactersAndItsRoom() throws {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let mapped = mmap(nil, 5 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        let pages = try #require(mapped)
        defer { munmap(pages, 5 * page) }
        for guarded in [0, 2, 4] { try #require(mprotect(pages + guarded * page, page, PROT_NONE) == 0) }
        let (source, target) = (pages + page, pages + 3 * page)
        var generator = SeededGenerator(seed: 4)
        for byteCount in 1...100 {
            let bytes = generator.bytes(count: byteCount)
            let characters = encoded(bytes)
            for offset in [0, page - characters.count] {
                (source + offset).copyMemory(from: characters, byteCount: characters.count)
                memset(target, 0xAA, page)
                let start = (target + page - byteCount).assumingMemoryBound(to: UInt8.self)
                let room = UnsafeMutableBufferPointer(start: start, count: byteCount)
                var output = room.mutableSpan
                let text = UnsafeRawBufferPointer(start: source + offset, count: characters.count)
                #expect(Base64URL.decode(text.bytes, over: &output))
                #expect(Array(room) == bytes)
                let before = UnsafeRawBufferPointer(start: target, count: page - byteCount)
                #expect(before.allSatisfy { $0 == 0xAA })
            }
        }
    }

    @Test func everyPairOfBytesHasItsOwnSpelling() {
        for value in UInt16.min ... .max {
            let bytes = [UInt8(value >> 8), UInt8(value & 255)]
            guard decodedQuietly(encoded(bytes)) == bytes else {
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

    /// Whatever character stands wherever among 32 is what its table says.
    @Test func everyCharacterAtEveryPlaceIsItself() {
        for place in 0..<32 {
            for character in Self.alphabet {
                var characters = [UInt8](repeating: UInt8(ascii: "A"), count: 32)
                characters[place] = character
                guard let bytes = decodedQuietly(characters), foundationEncoded(bytes) == characters else {
                    Issue.record("character \(character) at \(place) is another one")
                    return
                }
            }
        }
    }

    /// Lengths around the steps of the loops (12 and 4 characters, and 32 at once), and each place in them.
    @Test(arguments: [2, 3, 4, 6, 7, 8, 10, 11, 12, 14, 15, 16, 20, 22, 23, 24, 31, 32, 34, 36, 63, 64, 67])
    func everyForeignByteAtEveryPlaceIsRefused(characterCount: Int) {
        let foreign = (UInt8.min ... .max).filter { !Self.alphabet.contains($0) }
        for place in 0..<characterCount {
            for byte in foreign {
                var characters = [UInt8](repeating: UInt8(ascii: "A"), count: characterCount)
                characters[place] = byte
                guard refuses(characters) else {
                    Issue.record("byte \(byte) at \(place) of \(characterCount) was accepted")
                    return
                }
            }
        }
    }

    @Test(arguments: [0, 4, 8, 12, 32, 36])
    func spareBitsMustBeZero(prefixCount: Int) {
        let prefix = [UInt8](repeating: UInt8(ascii: "A"), count: prefixCount)
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
