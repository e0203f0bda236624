import Glibc
import MintmarkTestSupport

@testable import MintmarkStorage

/// A real directory of its own for one test, removed with this object.
final class TestDirectory: Sendable {
    private let place: TemporaryDirectory

    init() throws {
        place = try TemporaryDirectory()
    }

    var path: String { place.path }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    func open(isReadOnly: Bool = false) -> DiskDirectory {
        let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        return DiskDirectory(path: path, owning: descriptor, isReadOnly: isReadOnly)
    }
}
