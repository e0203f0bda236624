import Foundation

/// The real `openssl` program: the other party that key files must agree with.
enum OpenSSLProgram {
    struct Failure: Error {
        let arguments: [String]
        let exitCode: Int32
        let message: String
    }

    /// What `openssl` with these arguments writes to its output, given `input`. Throws when it exits with an error.
    static func run(_ arguments: String..., input: [UInt8] = []) throws -> [UInt8] {
        try run(arguments, input: input)
    }

    /// As above, with the arguments in an array.
    static func run(_ arguments: [String], input: [UInt8] = []) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        let (standardInput, standardOutput, standardError) = (Pipe(), Pipe(), Pipe())
        process.standardInput = standardInput
        process.standardOutput = standardOutput
        process.standardError = standardError
        try process.run()
        // Keys and messages are shorter than a pipe's buffer, so no end can wait for another.
        try standardInput.fileHandleForWriting.write(contentsOf: Data(input))
        try standardInput.fileHandleForWriting.close()
        let output = try standardOutput.fileHandleForReading.readToEnd() ?? Data()
        let message = try standardError.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(
                arguments: arguments,
                exitCode: process.terminationStatus,
                message: String(bytes: message, encoding: .utf8) ?? ""
            )
        }
        return Array(output)
    }

    /// The private key `file` encrypted: `openssl pkcs8 -topk8` with more options.
    static func encrypt(_ file: [UInt8], passphrase: String, _ options: [String]) throws -> [UInt8] {
        try run(["pkcs8", "-topk8", "-passout", "pass:" + passphrase] + options, input: file)
    }

    /// The raw public key of a private key file, as `openssl` sees it.
    static func publicKey(of file: [UInt8], passphrase: String? = nil) throws -> [UInt8] {
        let password = "pass:" + (passphrase ?? "")
        let info = try run("pkey", "-passin", password, "-pubout", "-outform", "DER", input: file)
        return Array(info.suffix(32))
    }
}
