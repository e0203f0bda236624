import Foundation

/// What another process has in its memory, as the system lets its owner and root see it.
struct ProcessMemory {
    struct Failure: Error, Equatable {
        var call: String
        var code: Int32
    }

    /// A part of the address space.
    struct Mapping {
        var range: Range<UInt64>
        /// Such as `[stack]`.
        var name: String
        /// Of proc_pid_smaps(5): `dd` is left out of core files, `lo` is locked.
        var flags: Set<String>

        var isGuarded: Bool { flags.contains("dd") }
    }

    let mappings: [Mapping]
    private let descriptor: Int32

    init(of process: Int32) throws {
        descriptor = open("/proc/\(process)/mem", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(call: "open", code: errno) }
        mappings = try Self.mappings(of: process)
    }

    func close() {
        Glibc.close(descriptor)
    }

    /// The mappings in which `needle` stands.
    func mappings(holding needle: [UInt8]) -> [Mapping] {
        mappings.filter { mapping in
            guard let bytes = bytes(of: mapping) else { return false }
            return Self.holds(bytes, needle)
        }
    }

    /// Nil where nothing can be read: between guarded pages, for example.
    private func bytes(of mapping: Mapping) -> [UInt8]? {
        let count = Int(clamping: mapping.range.upperBound - mapping.range.lowerBound)
        // A sanitizer's shadow is larger than any memory, and the kernel's own page has no offset in the file.
        guard count <= 1 << 30, mapping.range.upperBound <= UInt64(Int64.max) else { return nil }
        var bytes: [UInt8] = []
        let page = 4_096
        var part = [UInt8](repeating: 0, count: 256 * page)
        while bytes.count < count {
            let offset = off_t(mapping.range.lowerBound) + bytes.count
            let read = pread(descriptor, &part, min(part.count, count - bytes.count), offset)
            guard read > 0 else { return bytes.isEmpty ? nil : bytes }
            bytes += part[..<read]
        }
        return bytes
    }

    static func holds(_ bytes: [UInt8], _ needle: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { (bytes) -> Bool in
            needle.withUnsafeBytes { (needle) -> Bool in
                guard var place = bytes.baseAddress, let wanted = needle.baseAddress else { return false }
                let end = place + bytes.count
                // Where the first byte stands, the others may follow.
                while let found = memchr(place, Int32(needle[0]), end - place) {
                    let candidate = UnsafeRawPointer(found)
                    guard end - candidate >= needle.count else { return false }
                    if memcmp(candidate, wanted, needle.count) == 0 { return true }
                    place = candidate + 1
                }
                return false
            }
        }
    }

    private static func mappings(of process: Int32) throws -> [Mapping] {
        // The system does not tell how long this file is, so that it has to be read until it ends.
        guard let file = FileHandle(forReadingAtPath: "/proc/\(process)/smaps") else {
            throw Failure(call: "open", code: errno)
        }
        let text = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
        var mappings: [Mapping] = []
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ", omittingEmptySubsequences: true)
            if words[0] == "VmFlags:" {
                mappings[mappings.count - 1].flags = Set(words.dropFirst().map(String.init))
            } else if !words[0].hasSuffix(":") {
                let bounds = words[0].split(separator: "-").compactMap { UInt64($0, radix: 16) }
                guard bounds.count == 2 else { continue }
                let name = words.count > 5 ? words[5...].joined(separator: " ") : ""
                mappings.append(Mapping(range: bounds[0]..<bounds[1], name: name, flags: []))
            }
        }
        return mappings
    }
}
