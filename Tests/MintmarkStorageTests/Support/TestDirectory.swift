import Glibc

@testable import MintmarkStorage

/// A real directory of its own for one test, removed with this object.
final class TestDirectory: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/mintmark-storage-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw StorageFault(.create, "/tmp", code: errno)
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        guard let stream = opendir(path) else { return }
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            unlink("\(path)/\(name)")
        }
        closedir(stream)
        rmdir(path)
    }

    func open() -> DiskDirectory {
        DiskDirectory(path: path, owning: Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
    }
}
