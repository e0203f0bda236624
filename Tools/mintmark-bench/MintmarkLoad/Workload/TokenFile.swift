import Glibc

/// Access tokens in a file, one on a line.
enum TokenFile {
    static func read(_ path: String) throws(LoadFailure) -> [[UInt8]] {
        let bytes: [UInt8]
        do throws(SystemFault) {
            bytes = try FileBytes.read(path)
        } catch {
            throw .usage("the tokens in \(path) cannot be read: \(error)")
        }
        let tokens = bytes.split(separator: UInt8(ascii: "\n")).map(Array.init)
        guard !tokens.isEmpty else { throw .usage("there are no tokens in \(path)") }
        return tokens
    }

    /// Writes a file that only its owner may read: whoever has a token may use it.
    static func write(_ tokens: [[UInt8]], to path: String) throws(LoadFailure) {
        do throws(SystemFault) {
            try FileBytes.write(Array(tokens.joined(separator: [UInt8(ascii: "\n")])) + [UInt8(ascii: "\n")], to: path)
        } catch {
            throw .failed("the tokens cannot be written to \(path): \(error)")
        }
    }
}

/// Whole files.
enum FileBytes {
    static func read(_ path: String) throws(SystemFault) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemFault("open") }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            guard count >= 0 else { throw SystemFault("read") }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
    }

    /// Throws if the file cannot be written to. Makes it if there is none, and leaves it as it is otherwise.
    static func checkWritable(_ path: String) throws(SystemFault) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemFault("open") }
        close(descriptor)
    }

    /// Replaces a file, or makes one that only its owner may read.
    static func write(_ bytes: [UInt8], to path: String) throws(SystemFault) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemFault("open") }
        defer { close(descriptor) }
        try write(bytes, to: descriptor)
    }

    /// Writes everything to an open file.
    static func write(_ bytes: [UInt8], to descriptor: Int32) throws(SystemFault) {
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes { bytes in
                Glibc.write(descriptor, bytes.baseAddress?.advanced(by: offset), bytes.count - offset)
            }
            if count < 0, errno != EINTR { throw SystemFault("write") }
            offset += max(0, count)
        }
    }
}
