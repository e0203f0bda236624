import Glibc

@testable import MintmarkStorage

extension TestDirectory {
    /// The bytes of a file; `name` may lead into a directory inside.
    func read(_ name: String) throws -> [UInt8] {
        let (directory, name) = part(name)
        return try directory.open(name).read(at: 0, byteCount: .max)
    }

    /// Puts a file in, in place of one that has the name.
    func write(_ bytes: [UInt8], to name: String) throws {
        let directory = open()
        try? directory.remove(name)
        try directory.create(name).writeAll(bytes.span.bytes, at: 0)
    }

    /// Flips the lowest bit of one byte; a negative offset counts from the end.
    func flip(_ name: String, at offset: Int) throws {
        var bytes = try read(name)
        bytes[offset < 0 ? bytes.count + offset : offset] ^= 1
        try write(bytes, to: name)
    }

    /// Every file by its name, those in directories inside included.
    func contents() throws -> [String: [UInt8]] {
        var contents: [String: [UInt8]] = [:]
        for name in try open().list() {
            if isDirectory(name) {
                for inner in try part("\(name)/.").0.list() {
                    contents["\(name)/\(inner)"] = try read("\(name)/\(inner)")
                }
            } else {
                contents[name] = try read(name)
            }
        }
        return contents
    }

    private func isDirectory(_ name: String) -> Bool {
        var status = stat()
        return lstat(file(name), &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private func part(_ name: String) -> (DiskDirectory, String) {
        let parts = name.split(separator: "/").map(String.init)
        guard parts.count == 2 else { return (open(), name) }
        let path = file(parts[0])
        return (DiskDirectory(path: path, owning: Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)), parts[1])
    }
}
