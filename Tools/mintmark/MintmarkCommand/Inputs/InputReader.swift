import Glibc
import MintmarkProgram

/// Reads what is not among the arguments: a token from standard input, claims from there or from a file.
///
/// Reads block; nothing else is done meanwhile.
struct InputReader: Sendable {
    /// Where standard input is read from.
    let descriptor: Int32

    /// The process's own standard input.
    static let standard = InputReader(descriptor: STDIN_FILENO)

    /// The first line of standard input without its end; nil if that has more than `lengthMax` bytes.
    func firstLine(lengthMax: Int) throws(UsageError) -> [UInt8]? {
        var bytes: [UInt8] = []
        var end: Int?
        while end == nil, bytes.count <= lengthMax {
            let count = bytes.count
            guard try read(descriptor, "standard input", into: &bytes) else { break }
            end = bytes[count...].firstIndex(of: UInt8(ascii: "\n"))
        }
        let line = bytes[..<(end ?? bytes.count)]
        return line.count <= lengthMax ? Array(line) : nil
    }

    /// All of standard input; nil if that has more than `lengthMax` bytes.
    func everything(lengthMax: Int) throws(UsageError) -> [UInt8]? {
        try everything(descriptor, "standard input", lengthMax: lengthMax)
    }

    /// All of a file; nil if that has more than `lengthMax` bytes.
    func contents(ofFile path: String, lengthMax: Int) throws(UsageError) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw UsageError("\(path.printable) cannot be read: \(Self.reason(errno))") }
        defer { close(file) }
        return try everything(file, path.printable, lengthMax: lengthMax)
    }

    private func everything(_ descriptor: Int32, _ name: String, lengthMax: Int) throws(UsageError) -> [UInt8]? {
        var bytes: [UInt8] = []
        while bytes.count <= lengthMax, try read(descriptor, name, into: &bytes) {}
        return bytes.count <= lengthMax ? bytes : nil
    }

    /// Appends what can be read at once. False at the end.
    private func read(_ descriptor: Int32, _ name: String, into bytes: inout [UInt8]) throws(UsageError) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 4096)
        var count: Int
        repeat {
            count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
        } while count < 0 && errno == EINTR
        guard count >= 0 else { throw UsageError("\(name) cannot be read: \(Self.reason(errno))") }
        bytes += chunk[..<count]
        return count > 0
    }

    private static func reason(_ number: Int32) -> String {
        String(cString: strerror(number))
    }
}
