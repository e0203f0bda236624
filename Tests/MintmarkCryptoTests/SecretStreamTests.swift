import CSodium
import MintmarkTestSupport
import Testing

@testable import MintmarkCrypto

@Suite struct SecretStreamTests {
    private static let keyBytes: [UInt8] = Array(0..<32)
    private static let header: [UInt8] = Array(100..<124)
    private static let additionalData: [UInt8] = [1, 2, 3]
    private static let chunks: [[UInt8]] = [
        Array("one".utf8), [], Array(repeating: 7, count: 1_000), Array("end".utf8),
    ]

    private static func stream(key: [UInt8] = keyBytes, header: [UInt8] = header) -> SecretStream {
        SecretStream(key: SecretBytes(key), header: header.span.bytes)
    }

    /// The chunks encrypted, the last one marked; the additional data goes with the first.
    private static func sealed(_ chunks: [[UInt8]] = chunks, isEnded: Bool = true) -> [[UInt8]] {
        var stream = stream()
        return chunks.enumerated().map { index, chunk in
            var output: [UInt8] = []
            stream.seal(
                chunk.span.bytes,
                additionalData: (index == 0 ? additionalData : []).span.bytes,
                isFinal: isEnded && index == chunks.count - 1,
                appendingTo: &output
            )
            return output
        }
    }

    /// Opens chunks until one is refused: those opened, and whether the last was the end.
    private static func open(
        _ sealed: [[UInt8]],
        additionalData: [UInt8] = additionalData,
        key: [UInt8] = keyBytes,
        header: [UInt8] = header
    ) -> (chunks: [[UInt8]], isEnded: Bool, isRefused: Bool) {
        var stream = stream(key: key, header: header)
        var opened: [[UInt8]] = []
        for (index, chunk) in sealed.enumerated() {
            var output: [UInt8] = [9]
            let additional = index == 0 ? additionalData : []
            let isFinal = stream.open(
                chunk.span.bytes,
                additionalData: additional.span.bytes,
                appendingTo: &output
            )
            guard let isFinal else {
                #expect(output == [9], "a refused chunk leaves the output as it was")
                return (opened, false, true)
            }
            opened.append(Array(output.dropFirst()))
            if isFinal {
                return (opened, true, false)
            }
        }
        return (opened, false, false)
    }

    @Test func whatWasSealedOpensInItsOrder() {
        let sealed = Self.sealed()
        #expect(zip(Self.chunks, sealed).allSatisfy { $1.count == $0.count + SecretStream.overheadByteCount })
        let result = Self.open(sealed)
        #expect(result.chunks == Self.chunks)
        #expect(result.isEnded)
    }

    @Test func aStreamWithoutItsEndIsOpen() {
        let result = Self.open(Self.sealed(isEnded: false))
        #expect(result.chunks == Self.chunks)
        #expect(!result.isEnded && !result.isRefused)
    }

    /// From an implementation of the documented construction in Python that shares no code with libsodium.
    @Test func independentVector() {
        let vector = [
            (Array("ad one".utf8), [], "5fb4f03070ca15a8e4cd54c337a8fd7ccf"),
            (
                [],
                Array("The first chunk of some length, longer than one block of ChaCha20: 64.".utf8),
                """
                8d6ad48650e374591117227d35b2b20b3f61f74c1becb2fbe83064e15a9026d209323e1ce5e77c92fe614d3eae1bc5c1
                1eea4f8eb916877bd0d25fc3b768bdde455a0794d6005ebd102da908fb9ef0c1cacf0488ce8747
                """
            ),
            (Array("xyz".utf8), Array("end".utf8), "fc4e77860629167515e3f237c8c5ceb31e596a3c"),
        ]
        var writer = Self.stream()
        var reader = Self.stream()
        for (index, (additional, plaintext, expected)) in vector.enumerated() {
            var output: [UInt8] = []
            let isLast = index == vector.count - 1
            writer.seal(
                plaintext.span.bytes,
                additionalData: additional.span.bytes,
                isFinal: isLast,
                appendingTo: &output
            )
            #expect(output == hex(expected))
            var opened: [UInt8] = []
            let isFinal = reader.open(output.span.bytes, additionalData: additional.span.bytes, appendingTo: &opened)
            #expect(isFinal == isLast)
            #expect(opened == plaintext)
        }
    }

    // MARK: What must be noticed

    @Test func everyFlippedBitIsRefused() {
        let sealed = Self.sealed([[1, 2, 3], [4]])
        for (index, chunk) in sealed.enumerated() {
            for bit in 0..<(8 * chunk.count) {
                var changed = sealed
                changed[index][bit / 8] ^= 1 << (bit % 8)
                let result = Self.open(changed)
                #expect(result.isRefused && result.chunks.count == index, "bit \(bit) of chunk \(index)")
            }
        }
    }

    @Test func everyTruncatedOrLengthenedChunkIsRefused() {
        let sealed = Self.sealed([[1, 2, 3], [4]])
        for count in sealed[0].indices {
            #expect(Self.open([Array(sealed[0].prefix(count)), sealed[1]]).isRefused, "\(count) bytes")
        }
        #expect(Self.open([sealed[0] + [0], sealed[1]]).isRefused)
        #expect(Self.open([[]]).isRefused)
    }

    @Test func droppedDoubledSwappedAndForeignChunksAreRefused() {
        let sealed = Self.sealed()
        for index in 0..<(sealed.count - 1) {
            var dropped = sealed
            dropped.remove(at: index)
            #expect(Self.open(dropped).isRefused, "without chunk \(index)")
            var swapped = sealed
            swapped.swapAt(index, index + 1)
            #expect(Self.open(swapped).isRefused, "chunk \(index) behind the next")
            var doubled = sealed
            doubled.insert(sealed[index], at: index)
            #expect(Self.open(doubled).isRefused, "chunk \(index) twice")
        }
        #expect(!Self.open(Array(sealed.dropLast())).isEnded, "without the last one the end is missing")
        let other = Self.sealed([[5], [], [6], [7]])
        #expect(Self.open([sealed[0], other[1], sealed[2], sealed[3]]).chunks.count == 1)
    }

    @Test func anythingElseThanWhatItWasSealedWithIsRefused() {
        let sealed = Self.sealed()
        #expect(Self.open(sealed, additionalData: []).isRefused)
        #expect(Self.open(sealed, additionalData: [1, 2]).isRefused)
        #expect(Self.open(sealed, additionalData: [1, 2, 3, 0]).isRefused)
        #expect(Self.open(sealed, key: Array(1..<33)).isRefused)
        for byte in Self.header.indices {
            var header = Self.header
            header[byte] ^= 1
            #expect(Self.open(sealed, header: header).isRefused, "byte \(byte) of the header")
        }
    }

    /// A refused chunk does not advance the stream: the right one opens afterwards.
    @Test func theStreamGoesOnAfterARefusedChunk() {
        let sealed = Self.sealed([[1, 2, 3], [4]])
        var stream = Self.stream()
        var output: [UInt8] = []
        let additional = Self.additionalData
        var changed = sealed[0]
        changed[2] ^= 1
        let refused = stream.open(changed.span.bytes, additionalData: additional.span.bytes, appendingTo: &output)
        #expect(refused == nil)
        let right = sealed[0]
        let first = stream.open(right.span.bytes, additionalData: additional.span.bytes, appendingTo: &output)
        #expect(first == false)
        #expect(output == [1, 2, 3])
    }

    // MARK: libsodium's own functions

    /// Chunks of libsodium's own writer, which draws the header itself, with any tag.
    private static func pushed(_ chunks: [(plaintext: [UInt8], tag: UInt8)]) -> (header: [UInt8], chunks: [[UInt8]]) {
        Sodium.start()
        var state = crypto_secretstream_xchacha20poly1305_state()
        var header = [UInt8](repeating: 0, count: SecretStream.headerByteCount)
        crypto_secretstream_xchacha20poly1305_init_push(&state, &header, keyBytes)
        let sealed = chunks.enumerated().map { index, chunk in
            let additional = index == 0 ? additionalData : []
            var output = [UInt8](repeating: 0, count: chunk.plaintext.count + SecretStream.overheadByteCount)
            crypto_secretstream_xchacha20poly1305_push(
                &state,
                &output,
                nil,
                chunk.plaintext,
                UInt64(chunk.plaintext.count),
                additional,
                UInt64(additional.count),
                chunk.tag
            )
            return output
        }
        return (header, sealed)
    }

    @Test func libsodiumsWriterIsUnderstood() {
        let (header, chunks) = Self.pushed([([1, 2], 0), ([], 0), ([3], 3)])
        let result = Self.open(chunks, header: header)
        #expect(result.chunks == [[1, 2], [], [3]])
        #expect(result.isEnded)
    }

    /// The tags *push* and *rekey* are authentic, but nothing that a snapshot is made of.
    @Test(arguments: [UInt8(1), 2])
    func otherTagsAreRefused(tag: UInt8) {
        let (header, chunks) = Self.pushed([([1, 2], tag), ([3], 3)])
        let result = Self.open(chunks, header: header)
        #expect(result.isRefused)
        #expect(result.chunks.isEmpty)
    }

    // MARK: Arguments and memory

    @Test func otherLengthsAreAProgrammersError() async {
        await #expect(processExitsWith: .failure) { SecretStreamTests.begin(keyByteCount: 31, headerByteCount: 24) }
        await #expect(processExitsWith: .failure) { SecretStreamTests.begin(keyByteCount: 33, headerByteCount: 24) }
        await #expect(processExitsWith: .failure) { SecretStreamTests.begin(keyByteCount: 32, headerByteCount: 23) }
        await #expect(processExitsWith: .failure) { SecretStreamTests.begin(keyByteCount: 32, headerByteCount: 25) }
        Self.begin(keyByteCount: 32, headerByteCount: 24)
    }

    private static func begin(keyByteCount: Int, headerByteCount: Int) {
        _ = stream(key: Array(repeating: 1, count: keyByteCount), header: Array(repeating: 1, count: headerByteCount))
    }

    /// The key that the state works with lives in guarded memory, and is gone with the stream.
    @Test(.enabled(if: !Sanitizer.isThere, "it has memory of its own"))
    func nothingOfTheStateIsLeftInMemory() async {
        let key = Self.keyBytes.map { $0 &+ 50 }
        var state = crypto_secretstream_xchacha20poly1305_state()
        crypto_secretstream_xchacha20poly1305_init_pull(&state, Self.header, key)
        let bytes = withUnsafeBytes(of: &state) { Array($0.prefix(32)) }
        let patterns = [MemoryScan.masked(bytes[..<16]), MemoryScan.masked(bytes[16...])]
        await #expect(processExitsWith: .success) { [key = key as [UInt8], patterns = patterns as [[UInt8]]] in
            SecretStreamTests.useState(key: key, patterns: patterns)
            #expect(MemoryScan.countOfMatches(ofMasked: patterns) == 0)
        }
    }

    private static func useState(key: [UInt8], patterns: [[UInt8]]) {
        var stream = stream(key: key)
        var output: [UInt8] = []
        let chunk: [UInt8] = [1]
        stream.seal(chunk.span.bytes, additionalData: header.span.bytes, isFinal: false, appendingTo: &output)
        #expect(MemoryScan.countOfMatches(ofMasked: patterns) >= 2, "the state is found while the stream lives")
    }
}
