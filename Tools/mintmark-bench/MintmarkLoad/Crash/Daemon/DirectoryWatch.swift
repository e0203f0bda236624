import Glibc

/// Tells of names that appear in a directory and go away, as soon as they do. Confined to its thread.
final class DirectoryWatch {
    private let descriptor: Int32

    init(_ directory: String) throws(SystemFault) {
        descriptor = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
        guard descriptor >= 0 else { throw SystemFault("inotify_init1") }
        let mask = UInt32(IN_CREATE) | UInt32(IN_MOVED_TO) | UInt32(IN_DELETE)
        guard inotify_add_watch(descriptor, directory, mask) >= 0 else { throw SystemFault("inotify_add_watch") }
    }

    deinit {
        close(descriptor)
    }

    /// Waits until something changed, or the time is over; returns what changed, in order.
    func changes(nanosecondsMax: Int64) -> [DirectoryChange] {
        var target = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let milliseconds = Int32(clamping: (max(0, nanosecondsMax) + 999_999) / 1_000_000)
        guard poll(&target, 1, milliseconds) > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 0 else { return [] }
        return Self.changes(in: bytes[..<count])
    }

    /// Reads what the kernel writes: watch i32, mask u32, cookie u32, length u32, and a name of that length with zeros
    /// behind it.
    private static func changes(in bytes: ArraySlice<UInt8>) -> [DirectoryChange] {
        var changes: [DirectoryChange] = []
        var offset = bytes.startIndex
        while offset + 16 <= bytes.endIndex {
            let mask = number(bytes, at: offset + 4)
            let end = offset + 16 + Int(number(bytes, at: offset + 12))
            guard end <= bytes.endIndex else { break }
            let name = String(decoding: bytes[offset + 16..<end].prefix { $0 != 0 }, as: UTF8.self)
            changes.append(DirectoryChange(name: name, isRemoval: mask & UInt32(IN_DELETE) != 0))
            offset = end
        }
        return changes
    }

    private static func number(_ bytes: ArraySlice<UInt8>, at offset: Int) -> UInt32 {
        bytes[offset..<offset + 4].withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
    }
}
