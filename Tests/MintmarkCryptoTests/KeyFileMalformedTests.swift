import MintmarkTestSupport
import Testing

@testable import MintmarkCrypto

/// Files that are no key files, or nearly.
@Suite struct KeyFileMalformedTests {
    private static let key = Ed25519SigningKey(seed: SecretBytes(Ed25519Vector.published[0].seed))
    private static let file = KeyFile.write(key).copy
    private static let text = String(decoding: file, as: UTF8.self)

    struct Row: CustomTestStringConvertible {
        let testDescription: String
        let file: String
        let error: KeyFileError?

        init(_ name: String, _ file: String, _ error: KeyFileError?) {
            testDescription = name
            self.file = file
            self.error = error
        }
    }

    private static let body = "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g"
    private static let begin = "-----BEGIN PRIVATE KEY-----\n"
    private static let end = "-----END PRIVATE KEY-----\n"

    static let rows: [Row] = [
        Row("as written", begin + body + "\n" + end, nil),
        Row("no last line end", String(text.dropLast()), nil),
        Row("line ends of two characters", text.split(separator: "\n").joined(separator: "\r\n"), nil),
        Row("white space around", " \t\r\n" + text + "\n \t\r\n", nil),
        Row("other lines", begin + body.prefix(10) + "\n" + body.dropFirst(10) + end, nil),
        Row("nothing", "", .notPEM),
        Row("white space", " \n", .notPEM),
        Row("text", "no key", .notPEM),
        Row("text before", "Bag Attributes\n" + text, .notPEM),
        Row("text behind", text + "x", .notPEM),
        Row("zero byte behind", text + "\0", .notPEM),
        Row("two keys", text + text, .notPEM),
        Row("no end", begin + body, .notPEM),
        Row("no begin", body + "\n" + end, .notPEM),
        Row("ends as something else", begin + body + "\n-----END PUBLIC KEY-----\n", .notPEM),
        Row("four dashes", "----BEGIN PRIVATE KEY-----\n" + body + "\n" + end, .notPEM),
        Row("small letters", text.lowercased(), .notPEM),
        Row("unknown label", "-----BEGIN SECRET-----\n" + body + "\n-----END SECRET-----\n", .wrongContent),
        Row("OpenSSH's format", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n", .wrongContent),
        Row("empty block", begin + end, .malformed),
        Row("one padding character", begin + "=\n" + end, .malformed),
        Row("no base64", begin + "!!!!\n" + end, .malformed),
        Row("space in base64", begin + body.prefix(32) + " " + body.dropFirst(32) + end, .malformed),
        Row("too little base64", begin + body.dropLast() + "\n" + end, .malformed),
        Row("padding missing", begin + "MC4CAQ\n" + end, .malformed),
        Row("padding inside", begin + "MC==4CAQ\n" + end, .malformed),
        Row("spare bits", begin + "MC4CAR==\n" + end, .malformed),
        Row("headers", begin + "Proc-Type: 4,ENCRYPTED\n\n" + body + "\n" + end, .notPEM),
    ]

    @Test(arguments: rows)
    func fileIsTakenOrRefused(row: Row) throws {
        let file = Array(row.file.utf8)
        guard let error = row.error else {
            #expect(try KeyFile.privateKey(in: file).publicKey == Self.key.publicKey)
            return
        }
        #expect(throws: error) { try KeyFile.privateKey(in: file) }
    }

    /// The structure of a private key with one thing wrong.
    @Test(arguments: [
        ("algorithm with parameters", "3030020100300706032b6570050004220420", 32, ""),
        ("seed without its own header", "302c020100300506032b65700420", 32, ""),
        ("seed of another type", "302e020100300506032b657004220320", 32, ""),
        ("seed of 31 bytes", "302d020100300506032b65700421041f", 31, ""),
        ("seed of 33 bytes", "302f020100300506032b657004230421", 33, ""),
        ("byte behind the seed", "302f020100300506032b657004230420", 32, "00"),
        ("byte behind the structure", "302e020100300506032b657004220420", 32, "00"),
        ("structure of unknown length", "3080020100300506032b657004220420", 32, ""),
        ("public key", "302a300506032b6570032100", 32, ""),
    ])
    func structureOfAPrivateKeyMustBeExact(name: String, prefix: String, seedByteCount: Int, suffix: String) {
        let seed = Array(repeating: UInt8(7), count: seedByteCount)
        let file = KeyFile.file(.privateKey, hex(prefix) + seed + hex(suffix))
        #expect(throws: KeyFileError.malformed) { try KeyFile.privateKey(in: file) }
    }

    @Test func byteBehindAnEncryptedStructureIsRefused() throws {
        let file = try OpenSSLProgram.encrypt(Self.file, passphrase: "right", ["-iter", "1"])
        let structure = try PEMBlock(file.span.bytes).contents(of: file.span.bytes).copy
        let exact = KeyFile.file(.encryptedPrivateKey, structure)
        #expect(try KeyFile.privateKey(in: exact, passphrase: "right").publicKey == Self.key.publicKey)
        let longer = KeyFile.file(.encryptedPrivateKey, structure + [0])
        #expect(throws: KeyFileError.malformed) { try KeyFile.privateKey(in: longer, passphrase: "right") }
    }

    /// The structure of a public key with one thing wrong. The point is of RFC 8032 §7.1, unless zeros say otherwise.
    @Test(arguments: [
        ("as it should be", "302a300506032b6570032100", 32, "", true),
        ("31 bytes", "3029300506032b6570032000", 31, "", false),
        ("33 bytes", "302b300506032b6570032200", 33, "", false),
        ("byte behind the structure", "302a300506032b6570032100", 32, "00", false),
        ("algorithm with parameters", "302c300706032b65700500032100", 32, "", false),
        ("point of small order", "302a300506032b6570032100", 0, String(repeating: "00", count: 32), false),
    ])
    func structureOfAPublicKeyMustBeExact(name: String, prefix: String, count: Int, suffix: String, isTaken: Bool)
        throws
    {
        let point = (Ed25519Vector.published[0].publicKey + [0]).prefix(count)
        let file = KeyFile.file(.publicKey, hex(prefix) + point + hex(suffix))
        guard isTaken else {
            #expect(throws: KeyFileError.malformed) { try KeyFile.publicKey(in: file) }
            return
        }
        #expect(try KeyFile.publicKey(in: file) == Self.key.publicKey)
    }

    @Test func everyTruncationOfAPlainKeyIsRefused() {
        for count in 0..<(Self.file.count - 1) {
            #expect(throws: KeyFileError.self, "\(count) bytes") {
                try KeyFile.privateKey(in: Array(Self.file.prefix(count)))
            }
        }
    }

    @Test func everyTruncationOfAnEncryptedKeyIsRefused() throws {
        let file = try OpenSSLProgram.encrypt(Self.file, passphrase: "right", ["-iter", "1"])
        for count in 0..<(file.count - 1) {
            #expect(throws: KeyFileError.self, "\(count) bytes") {
                try KeyFile.privateKey(in: Array(file.prefix(count)), passphrase: "right")
            }
        }
    }

    /// Also inside the block: every prefix of the structures, wrapped whole.
    @Test(arguments: [PEMBlock.Label.privateKey, .encryptedPrivateKey])
    func everyTruncationOfAStructureIsRefused(label: PEMBlock.Label) throws {
        let isPlain = label == .privateKey
        let file = isPlain ? Self.file : try OpenSSLProgram.encrypt(Self.file, passphrase: "right", ["-iter", "1"])
        let structure = try PEMBlock(file.span.bytes).contents(of: file.span.bytes).copy
        for count in 1..<structure.count {
            let truncated = KeyFile.file(label, Array(structure.prefix(count)))
            #expect(throws: KeyFileError.self, "\(count) bytes") {
                try KeyFile.privateKey(in: truncated, passphrase: "right")
            }
        }
    }

    /// Whatever a byte turns into, the file gives an error or a key that signs; never a crash.
    @Test(arguments: [UInt64(1), 2, 3])
    func randomDamageIsSurvived(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let structure = try PEMBlock(Self.file.span.bytes).contents(of: Self.file.span.bytes).copy
        for _ in 0..<500 {
            var damaged = structure
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                damaged[Int.random(in: damaged.indices, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            guard let key = try? KeyFile.privateKey(in: KeyFile.file(.privateKey, damaged)) else { continue }
            #expect(key.publicKey.verifies(key.signed([1]), of: [1]))
        }
    }

    @Test(arguments: [UInt64(1), 2])
    func randomBytesAreNoKey(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for count in 0..<100 {
            let bytes = generator.bytes(count: count)
            #expect(throws: KeyFileError.notPEM) { try KeyFile.privateKey(in: bytes) }
            #expect(throws: KeyFileError.notPEM) { try KeyFile.publicKey(in: bytes) }
            guard count > 0 else { continue }
            #expect(throws: KeyFileError.malformed) { try KeyFile.privateKey(in: KeyFile.file(.privateKey, bytes)) }
            #expect(throws: KeyFileError.malformed) {
                try KeyFile.privateKey(in: KeyFile.file(.encryptedPrivateKey, bytes), passphrase: "right")
            }
            #expect(throws: KeyFileError.malformed) { try KeyFile.publicKey(in: KeyFile.file(.publicKey, bytes)) }
        }
    }

    @Test(arguments: [-1, 0, 1])
    func fileUpToTheLimitIsRead(excess: Int) throws {
        let padding = [UInt8](repeating: 0x0A, count: KeyFile.byteCountMax - Self.file.count + excess)
        guard excess > 0 else {
            #expect(try KeyFile.privateKey(in: Self.file + padding).publicKey == Self.key.publicKey)
            return
        }
        #expect(throws: KeyFileError.tooLong) { try KeyFile.privateKey(in: Self.file + padding) }
        #expect(throws: KeyFileError.tooLong) { try KeyFile.publicKey(in: Self.file + padding) }
    }
}
