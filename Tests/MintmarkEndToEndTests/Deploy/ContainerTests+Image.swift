import Foundation
import Testing

/// The image, as far as it can be judged without an engine.
extension ContainerTests {
    @Test func theImageRunsAsNobodySpecial() throws {
        let lines = try Self.dockerfile()
        #expect(lines.count { $0.hasPrefix("FROM ") } == 2)
        let final = try #require(lines.lastIndex { $0.hasPrefix("FROM ") })
        #expect(lines[final].hasPrefix("FROM debian:bookworm-slim"))
        let stage = lines[final...]
        #expect(stage.contains("USER 10001:10001"))
        #expect(stage.contains("ENTRYPOINT [\"/usr/bin/mintmarkd\"]"))
        #expect(!stage.contains { $0.contains("curl") || $0.contains("ADD ") })
        // Everything that the build needs is installed by the names that Tools/setup has for it.
        let setup = try String(
            contentsOf: BuiltProducts.repository.appendingPathComponent("Tools/setup"),
            encoding: .utf8
        )
        let packages = try #require(setup.firstMatch(of: /\npackages=\(([^)]*)\)/)).1
        #expect(lines.contains { $0.contains("--no-install-recommends \(packages) ") })
    }

    /// The health check, with the real programs: well while the daemon serves, and not when it is gone.
    @Test func theHealthCheckTellsTheTruth() throws {
        let lines = try Self.dockerfile()
        let check = try #require(lines.first { $0.hasPrefix("HEALTHCHECK") }?.split(separator: "CMD ").last)
        let words = try #require(try JSONSerialization.jsonObject(with: Data(check.utf8)) as? [String])
        let daemon = try DaemonProcess()
        let arguments = words.dropFirst().map { $0 == "/run/mintmark/mintmark.sock" ? daemon.unixPath : $0 }
        #expect(words[0] == "/usr/bin/mintmark" && arguments.contains(daemon.unixPath))
        #expect(try run(BuiltProducts.mintmark, arguments).exitCode == 0)
        #expect(daemon.stop() == 0)
        #expect(try run(BuiltProducts.mintmark, arguments).exitCode == 3)
    }

    /// Its variables are settings.
    @Test func theVariablesOfTheImageAreSettings() throws {
        let line = try #require(try Self.dockerfile().first { $0.hasPrefix("ENV ") })
        let pairs = line.split(separator: " ").dropFirst().map { $0.split(separator: "=").map(String.init) }
        let environment = Dictionary(pairs.map { ($0[0], $0[1]) }) { first, _ in first }
        #expect(environment.count == 2)
        let result = try run(BuiltProducts.mintmarkd, ["--print-config"], environment: environment)
        #expect(result.exitCode == 0, "\(result)")
        for (name, value) in environment {
            #expect(result.output.contains(value), "\(name)")
        }
    }
}
