import Foundation
import Testing

/// Nothing is signed, judged or kept with cryptography that errs.
@Suite struct SpoiltLibraryTests {
    /// Functions of the libraries with what they are called with, and the self-test's word for what they spoil.
    static let functions = [
        (
            "crypto_generichash",
            "unsigned char *out, size_t outlen, const unsigned char *in, unsigned long long inlen, "
                + "const unsigned char *key, size_t keylen",
            "out, outlen, in, inlen, key, keylen", "messageAuthentication"
        ),
        (
            "crypto_hash_sha512", "unsigned char *out, const unsigned char *in, unsigned long long inlen",
            "out, in, inlen", "signing"
        ),
        // Of libcrypto, which hashes where tokens are signed.
        ("SHA512_Final", "unsigned char *out, void *context", "out, context", "signing"),
    ]

    /// A bit of what the function gives is turned on its way to the daemon: none of those that Ed25519 sets by itself.
    private static func spoilt(_ name: String, _ parameters: String, _ arguments: String, in home: TemporaryHome) throws
        -> String
    {
        let source = """
            #define _GNU_SOURCE
            #include <dlfcn.h>
            #include <stddef.h>
            int \(name)(\(parameters)) {
                int (*real)(\(parameters)) = (int (*)(\(parameters)))dlsym(RTLD_NEXT, "\(name)");
                int result = real(\(arguments));
                out[1] ^= 1;
                return result;
            }
            """
        return try PreloadedLibrary.make(source, in: home)
    }

    @Test(.disabled(if: Sanitizer.isThere, PreloadedLibrary.reasonAgainst), arguments: functions)
    func theDaemonDoesNotStart(name: String, parameters: String, arguments: String, word: String) throws {
        let home = try TemporaryHome()
        let library = try Self.spoilt(name, parameters, arguments, in: home)
        let result = try run(
            BuiltProducts.mintmarkd,
            try DaemonProcess.arguments(in: home.path, nil, []),
            environment: ["LD_PRELOAD": library, "MINTMARK_LOG_FORMAT": "text"]
        )
        #expect(result.exitCode == 1)
        #expect(result.errors.contains("the cryptography's self-test failed: \(word)"), "\(result)")
        #expect(!FileManager.default.fileExists(atPath: home.file("data")))
    }
}
