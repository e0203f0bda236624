import Foundation
import Testing

/// A library that is loaded into a program before all others (`LD_PRELOAD`), so that its functions come first.
enum PreloadedLibrary {
    /// Why a test of one is off, where it is.
    static let reasonAgainst: Comment = "a sanitizer's runtime has to come first"

    /// Makes one of C; returns its path.
    static func make(_ source: String, in home: TemporaryHome) throws -> String {
        let (file, library) = (home.file("preloaded.c"), home.file("preloaded.so"))
        try source.write(toFile: file, atomically: true, encoding: .utf8)
        let compiler = ["clang", "-std=c11", "-O1", "-shared", "-fPIC", "-o", library, file]
        let built = try run(URL(fileURLWithPath: "/usr/bin/env"), compiler)
        try #require(built.exitCode == 0, "\(built)")
        return library
    }
}
