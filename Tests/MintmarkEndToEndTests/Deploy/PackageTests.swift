import Foundation
import Testing

/// What packing needs of the machine.
enum PackageTools {
    static let areThere = ["/usr/bin/dpkg-deb", "/usr/bin/dpkg-shlibdeps", "/usr/bin/strip"]
        .allSatisfy(FileManager.default.isExecutableFile)
}

/// `Tools/package` with small programs in the place of ours: what it packs, and what its scripts do. `Tools/try-package`,
/// which `Tools/test --long` runs, does it with the real ones on a system of its own.
@Suite("The Debian package", .enabled(if: PackageTools.areThere, "there is no dpkg-dev on this machine"))
struct PackageTests {
    private static let script = BuiltProducts.repository.appendingPathComponent("Tools/package")
    private static let folder = BuiltProducts.repository.appendingPathComponent("Tools/deploy").path
    private static let dpkgDeb = URL(fileURLWithPath: "/usr/bin/dpkg-deb")
    private static let names = ["mintmarkd", "mintmark", "mintmark-bench"]

    /// As `Tools/manuals` makes them.
    private static let manuals =
        ["man/man1/mintmark.1", "man/man1/mintmark-bench.1", "man/man8/mintmarkd.8"]
        + names.flatMap { ["completions/bash/\($0)", "completions/zsh/_\($0)", "completions/fish/\($0).fish"] }

    /// A directory with three programs, and a package made of them.
    final class Made {
        let directory: String
        let package: String

        init(environment: [String: String] = [:]) throws {
            directory = try DaemonProcess.makeDirectory()
            for name in PackageTests.names {
                try FileManager.default.copyItem(atPath: "/bin/true", toPath: "\(directory)/\(name)")
            }
            for file in PackageTests.manuals {
                let url = URL(fileURLWithPath: "\(directory)/manuals/\(file)")
                try FileManager.default.createDirectory(
                    at: url.deletingLastPathComponent(),
                    withIntermediateDirectories: true
                )
                try Data("a manual\n".utf8).write(to: url)
            }
            let result = try PackageTests.pack(directory, environment)
            package = result.output.split(separator: "\n").last.map(String.init) ?? ""
            try #require(result.exitCode == 0, "\(result)")
        }

        deinit {
            try? FileManager.default.removeItem(atPath: directory)
        }
    }

    private static func pack(_ directory: String, _ environment: [String: String]) throws -> ProcessResult {
        let places = ["--programs", directory, "--manuals", "\(directory)/manuals", "--into", "\(directory)/made"]
        return try run(script, places, environment: environment)
    }

    private static func strippedSize(_ made: Made) throws -> Int {
        _ = try run(dpkgDeb, ["--extract", made.package, "\(made.directory)/files"])
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(made.directory)/files/usr/bin/mintmarkd")
        return attributes[.size] as? Int ?? 0
    }

    @Test func saysWhatItIs() throws {
        let made = try Made()
        let version = try run(BuiltProducts.mintmarkd, ["--version"]).output
        let release = version.split(separator: "/").last.map { $0.filter { $0 != "\n" } } ?? ""
        let result = try run(Self.dpkgDeb, ["--field", made.package])
        let fields = Dictionary(
            result.output.split(separator: "\n").compactMap { line -> (String, String)? in
                guard !line.hasPrefix(" "), let colon = line.range(of: ": ") else { return nil }
                return (String(line[..<colon.lowerBound]), String(line[colon.upperBound...]))
            },
            uniquingKeysWith: { first, _ in first }
        )
        #expect(fields["Package"] == "mintmark")
        #expect(fields["Version"]?.hasPrefix("\(release)+git2") == true, "\(fields)")
        #expect(fields["Depends"]?.contains("libc6 (>= ") == true, "\(fields)")
        #expect(!result.output.contains(/@[A-Z_]+@/), "\(result.output)")
    }

    @Test func holdsEveryFileWithItsMode() throws {
        let made = try Made()
        let lines = try run(Self.dpkgDeb, ["--contents", made.package]).output.split(separator: "\n")
        let files = lines.map { $0.split(separator: " ") }.filter { !$0[0].hasPrefix("d") }
            .map { "\($0[0]) \($0[1]) \($0[5])" }
        let expected =
            Self.names.map { "-rwxr-xr-x root/root ./usr/bin/\($0)" }
            + [
                "etc/logrotate.d/mintmark", "etc/mintmark/mintmark.yaml", "lib/systemd/system/mintmarkd.service",
                "usr/share/doc/mintmark/copyright", "usr/share/doc/mintmark/changelog.gz",
                "usr/share/doc/mintmark/examples/laptop.yaml", "usr/share/doc/mintmark/examples/sidecar.yaml",
                "usr/share/doc/mintmark/examples/mtls.yaml", "usr/share/doc/mintmark/examples/nginx.conf",
                "usr/share/doc/mintmark/prometheus/rules.yaml", "usr/share/doc/mintmark/grafana/dashboard.json",
                "usr/share/man/man1/mintmark.1.gz",
                "usr/share/man/man1/mintmark-bench.1.gz", "usr/share/man/man8/mintmarkd.8.gz",
                "usr/share/bash-completion/completions/mintmark", "usr/share/zsh/vendor-completions/_mintmark-bench",
                "usr/share/fish/vendor_completions.d/mintmarkd.fish",
            ].map { "-rw-r--r-- root/root ./\($0)" }
        #expect(Set(files).isSuperset(of: expected), "\(files)")
        // Everything below /etc is the operator's.
        let control = try run(Self.dpkgDeb, ["--info", made.package, "conffiles"]).output
        let settings = files.compactMap { $0.split(separator: " ").last?.dropFirst() }.filter { $0.hasPrefix("/etc/") }
        #expect(control.split(separator: "\n").map(String.init).sorted() == settings.map(String.init).sorted())
    }

    /// Where it is installed there is no Swift.
    @Test func aProgramThatNeedsTheRuntimeOfSwiftIsNotPacked() throws {
        let made = try Made()
        let place = "\(made.directory)/mintmark"
        try FileManager.default.removeItem(atPath: place)
        try FileManager.default.createSymbolicLink(atPath: place, withDestinationPath: BuiltProducts.mintmark.path)
        let result = try Self.pack(made.directory, [:])
        #expect(result.exitCode == 1)
        #expect(result.errors.hasPrefix("Tools/package: \(place) needs libswift"), "\(result.errors)")
        #expect(result.errors.hasSuffix("build it with --static-swift-stdlib\n"))
    }

    /// The same commit makes the same bytes, whenever and in which time zone it is packed.
    @Test func isReproducible() throws {
        let one = try Made(environment: ["TZ": "Asia/Tokyo"])
        let other = try Made(environment: ["TZ": "UTC", "LC_ALL": "C"])
        #expect(one.package.split(separator: "/").last == other.package.split(separator: "/").last)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: one.package))
        #expect(try bytes == Data(contentsOf: URL(fileURLWithPath: other.package)))
        #expect(bytes.count > 1000)
    }

    @Test(arguments: ["PACKAGE_DAEMON_BYTES_MAX", "PACKAGE_PROGRAMS_BYTES_MAX"])
    func programsHaveALimit(variable: String) throws {
        let made = try Made()
        let size = try Self.strippedSize(made) * (variable.contains("PROGRAMS") ? Self.names.count : 1)
        for (limit, exitCode) in [(size - 1, Int32(1)), (size, 0), (size + 1, 0)] {
            let result = try Self.pack(made.directory, [variable: "\(limit)"])
            #expect(result.exitCode == exitCode, "\(limit): \(result)")
            #expect(result.errors.contains("more than \(limit)") == (exitCode == 1))
        }
    }

    /// The limits of the release, which no environment sets.
    @Test func theLimitsAreThoseOfTheRelease() throws {
        let text = try String(contentsOf: Self.script, encoding: .utf8)
        #expect(text.contains("daemon_bytes_max=${PACKAGE_DAEMON_BYTES_MAX:-40000000}"))
        #expect(text.contains("programs_bytes_max=${PACKAGE_PROGRAMS_BYTES_MAX:-60000000}"))
    }

    @Test func pathsCountFromWhereTheCallerIs() throws {
        let made = try Made()
        let places = ["--programs", ".", "--manuals", "manuals", "--into", "elsewhere"]
        let result = try run(
            URL(fileURLWithPath: "/usr/bin/env"),
            ["--chdir=\(made.directory)", Self.script.path] + places
        )
        #expect(result.exitCode == 0, "\(result)")
        let package = result.output.split(separator: "\n").last.map(String.init) ?? ""
        #expect(package.hasPrefix("\(made.directory)/elsewhere/mintmark_"))
        #expect(FileManager.default.fileExists(atPath: package))
    }

    @Test(arguments: [
        ["--programs"], ["--programs", ""], ["--into", "x"], ["--manuals", "x"], ["x"], ["--other", "x"],
    ])
    func wrongUsageIsTold(arguments: [String]) throws {
        let result = try run(Self.script, arguments)
        #expect(result.exitCode == 2)
        #expect(result.errors.hasPrefix("usage: Tools/package "))
    }

    @Test(arguments: [[], ["nothing.deb"], ["one.deb", "two.deb"]])
    func tryingNeedsOnePackage(arguments: [String]) throws {
        let result = try run(BuiltProducts.repository.appendingPathComponent("Tools/try-package"), arguments)
        #expect(result.exitCode == 2)
        #expect(result.errors == "usage: Tools/try-package PACKAGE\n")
    }

    @Test func aProgramThatIsMissingIsTold() throws {
        let made = try Made()
        try FileManager.default.removeItem(atPath: "\(made.directory)/mintmark")
        let result = try Self.pack(made.directory, [:])
        #expect(result.exitCode == 1)
        #expect(result.errors.contains("there is no \(made.directory)/mintmark"))
    }

    @Test(arguments: ["postinst", "prerm", "postrm"])
    func scriptIsSound(name: String) throws {
        let path = "\(Self.folder)/debian/\(name)"
        #expect(try run(URL(fileURLWithPath: "/bin/sh"), ["-n", path]).exitCode == 0)
        #expect(try run(URL(fileURLWithPath: "/usr/bin/shellcheck"), [path]).exitCode == 0)
    }

    /// Where the store lies on a disk of its own, that is emptied, and all the rest goes.
    @Test(.enabled(if: canMount, "no file system can be mounted here"))
    func aDiskOfItsOwnIsEmptied() throws {
        let script = """
            set -eu
            mount -t tmpfs tmpfs "$DPKG_ROOT"
            cd "$DPKG_ROOT"
            mkdir -p etc/mintmark var/lib/mintmark var/log/mintmark
            mount -t tmpfs tmpfs var/lib/mintmark
            mkdir var/lib/mintmark/keys var/lib/mintmark/.hidden
            touch etc/mintmark/master.key var/lib/mintmark/keys/a.pem var/lib/mintmark/..other var/log/mintmark/audit.jsonl
            sh "$1" purge
            find . -mindepth 3
            """
        let place = try DaemonProcess.makeDirectory()
        defer { try? FileManager.default.removeItem(atPath: place) }
        let result = try run(
            Self.unshare,
            Self.mountOptions + ["sh", "-c", script, "sh", "\(Self.folder)/debian/postrm"],
            environment: ["DPKG_ROOT": place]
        )
        #expect(result.exitCode == 0, "\(result)")
        #expect(result.output == "./var/lib/mintmark\n", "\(result)")
    }

    private static let unshare = URL(fileURLWithPath: "/usr/bin/unshare")
    /// Mounts of a process's own, which end with it.
    private static let mountOptions = ["--user", "--map-root-user", "--mount"]
    private static let canMount =
        (try? run(unshare, mountOptions + ["mount", "-t", "tmpfs", "tmpfs", "/mnt"]).exitCode) == 0

    /// dpkg itself, with a directory that is a system: install, configure again, remove, install again, purge.
    @Test func isInstalledAndPurged() throws {
        let made = try Made()
        let root = "\(made.directory)/system"
        for directory in ["var/lib/dpkg/info", "var/lib/dpkg/updates", "var/lib/dpkg/triggers"] {
            try FileManager.default.createDirectory(atPath: "\(root)/\(directory)", withIntermediateDirectories: true)
        }
        for file in ["status", "available"] {
            try Data().write(to: URL(fileURLWithPath: "\(root)/var/lib/dpkg/\(file)"))
        }
        @discardableResult
        func dpkg(_ words: String...) throws -> ProcessResult {
            let force = "--force-not-root,script-chrootless,depends,bad-path"
            let result = try run(
                URL(fileURLWithPath: "/usr/bin/dpkg"),
                ["--root=\(root)", force, "--log=/dev/null"] + words
            )
            #expect(result.exitCode == 0, "\(words): \(result)")
            return result
        }
        func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: "\(root)/\(path)") }
        let keyPath = "\(root)/etc/mintmark/master.key"

        try dpkg("--install", made.package)
        let key = try Data(contentsOf: URL(fileURLWithPath: keyPath))
        #expect(key.count == 32)
        #expect(try FileManager.default.attributesOfItem(atPath: keyPath)[.posixPermissions] as? Int == 0o600)
        #expect(exists("usr/bin/mintmarkd") && exists("lib/systemd/system/mintmarkd.service"))

        // An upgrade keeps the key and what the operator wrote.
        let settings = URL(fileURLWithPath: "\(root)/etc/mintmark/mintmark.yaml")
        try Data("issuer: https://auth.example\n".utf8).write(to: settings)
        try dpkg("--install", made.package)
        #expect(try Data(contentsOf: URL(fileURLWithPath: keyPath)) == key)
        #expect(try String(contentsOf: settings, encoding: .utf8).contains("auth.example"))

        try dpkg("--remove", "mintmark")
        #expect(!exists("usr/bin/mintmarkd"))
        #expect(exists("etc/mintmark/mintmark.yaml") && exists("etc/mintmark/master.key"))

        // A store without its key gets no other one.
        try FileManager.default.createDirectory(atPath: "\(root)/var/lib/mintmark", withIntermediateDirectories: true)
        try Data().write(to: URL(fileURLWithPath: "\(root)/var/lib/mintmark/manifest"))
        try FileManager.default.removeItem(atPath: keyPath)
        let told = try dpkg("--install", made.package).errors
        #expect(!exists("etc/mintmark/master.key"))
        #expect(told.contains("master key /etc/mintmark/master.key is missing"))
        #expect(told.contains("install --mode=0600 COPY /etc/mintmark/master.key"))

        // Nor does one whose change of keys was stopped before its last step; the new key stays.
        try Data(key).write(to: URL(fileURLWithPath: keyPath + ".new"))
        let unfinished = try dpkg("--install", made.package).errors
        #expect(unfinished.contains("mv /etc/mintmark/master.key.new /etc/mintmark/master.key"))
        #expect(exists("etc/mintmark/master.key.new") && !exists("etc/mintmark/master.key"))

        try dpkg("--purge", "mintmark")
        #expect(!exists("etc/mintmark") && !exists("var/lib/mintmark"))
    }
}
