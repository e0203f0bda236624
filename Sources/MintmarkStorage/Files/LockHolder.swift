import Glibc

/// Which process holds the lock of a file, as the system knows it: nothing that a process leaves behind can be wrong.
enum LockHolder {
    /// Where Linux tells of all locks: one in a line (proc_locks(5)).
    private static let table = "/proc/locks"
    private static let tableByteCountMax = 1 << 20

    /// The process that keeps all others from an open file with flock(2); nil where the system does not tell, as to a
    /// service that sees little of /proc, or of a process in another container.
    static func process(of descriptor: Int32) -> Int32? {
        var status = stat()
        guard fstat(descriptor, &status) == 0, let text = contents() else { return nil }
        // As makedev(3) puts the two together.
        let device = status.st_dev
        let major = UInt32(device >> 8 & 0xFFF | device >> 32 & ~0xFFF)
        let minor = UInt32(device & 0xFF | device >> 12 & 0xFFFF_FF00)
        return process(in: text, major: major, minor: minor, inode: status.st_ino)
    }

    /// - Parameters:
    ///   - text: as in `/proc/locks`.
    ///   - major: of the device that the file is on.
    ///   - minor: of the same.
    static func process(in text: String, major: UInt32, minor: UInt32, inode: ino_t) -> Int32? {
        let file = "\(hexadecimal(major)):\(hexadecimal(minor)):\(inode)"
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            // Whoever waits has an arrow in front of the kind.
            guard words.count >= 6, words[1] == "FLOCK", words[3] == "WRITE", words[5] == file else { continue }
            guard let process = Int32(words[4]), process > 0 else { return nil }
            return process
        }
        return nil
    }

    private static func hexadecimal(_ number: UInt32) -> String {
        (number < 16 ? "0" : "") + String(number, radix: 16)
    }

    private static func contents() -> String? {
        let descriptor = open(table, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let bytes = [UInt8](unsafeUninitializedCapacity: tableByteCountMax) { buffer, count in
            while count < buffer.count {
                let rest = UnsafeMutableBufferPointer(rebasing: buffer[count...])
                let added = read(descriptor, rest.baseAddress, rest.count)
                guard added > 0 else { break }
                count += added
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
