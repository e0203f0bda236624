import Foundation
import Testing

@testable import MintmarkCrypto

/// Looks through the whole memory of a process that has read and written key files for what they left behind.
@Suite struct KeyFileMemoryTests {
    @Test(.enabled(if: !Sanitizer.isThere, "it has memory of its own"), arguments: [false, true])
    func nothingOfAPrivateKeyIsLeftInMemory(isEncrypted: Bool) async throws {
        // Not a literal: the program's own text is in memory too.
        let passphrase = UUID().uuidString
        let password = "pass:" + passphrase
        let options = isEncrypted ? ["-aes-256-cbc", "-pass", password] : []
        let file = try OpenSSLProgram.run(["genpkey", "-algorithm", "ed25519"] + options)
        let structure = try OpenSSLProgram.run("pkey", "-passin", password, "-outform", "DER", input: file)
        let text = try OpenSSLProgram.run("pkey", "-passin", password, input: file)
        let patterns = [
            structure[16..<32], structure[32..<48], text.split(separator: 0x0A)[1].suffix(24),
            ArraySlice(passphrase.utf8),
        ].map(MemoryScan.masked)
        let url = URL.temporaryDirectory.appending(path: "mintmark-\(UUID()).pem")
        try Data(file).write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }

        // A process of its own, which sees the file and the masked patterns alone.
        await #expect(processExitsWith: .success) { [path = url.path() as String, patterns = patterns as [[UInt8]]] in
            try KeyFileMemoryTests.useKey(path: path, patterns: patterns)
            #expect(MemoryScan.countOfMatches(ofMasked: patterns) == 0)

            let leaked = MemoryScan.masked(patterns[0])
            #expect(MemoryScan.countOfMatches(ofMasked: patterns) == 1)
            withExtendedLifetime(leaked) {}
        }
    }

    /// Reads the key, signs, and writes it both ways, with all secrets in guarded memory.
    private static func useKey(path: String, patterns: [[UInt8]]) throws {
        let passphrase = SecretBytes(count: patterns[3].count) { target in
            for (index, byte) in patterns[3].enumerated() {
                target[index] = MemoryScan.unmasked(byte)
            }
        }
        #expect(MemoryScan.countOfMatches(ofMasked: patterns) == 1)

        let file = try secret(ofFile: path)
        let key = try file.withBytes { (file) throws(KeyFileError) in
            try KeyFile.readPrivateKey(file, passphrase: passphrase)
        }
        #expect(MemoryScan.countOfMatches(ofMasked: patterns) >= 3)
        #expect(key.publicKey.verifies(key.signed([1]), of: [1]))
        _ = KeyFile.write(key)
        _ = try KeyFile.write(key, passphrase: passphrase, random: SystemRandom())
    }

    /// The content of a file, read straight into guarded memory.
    private static func secret(ofFile path: String) throws -> SecretBytes {
        let descriptor = open(path, O_RDONLY)
        defer { close(descriptor) }
        var status = stat()
        try #require(fstat(descriptor, &status) == 0)
        return SecretBytes(count: Int(status.st_size)) { target in
            let count = read(descriptor, target.baseAddress, target.count)
            precondition(count == target.count, "read \(count) of \(target.count) bytes")
        }
    }
}
