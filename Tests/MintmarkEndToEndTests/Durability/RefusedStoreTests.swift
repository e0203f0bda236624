import Foundation
import MintmarkClient
import Testing

/// Data directories that a daemon does not start from: what it says, how it ends, and that it changes nothing.
@Suite struct RefusedStoreTests {
    private let directory: TemporaryHome

    init() throws {
        directory = try TemporaryHome()
    }

    /// A data directory with a few sessions, as a killed daemon leaves it.
    private func makeStore() async throws {
        let daemon = try DaemonProcess(directory: directory.path)
        try await daemon.withClient { client in
            for number in 0..<20 {
                _ = try await client.openSession("user \(number)")
            }
            try await client.snapshot()
            for number in 0..<20 {
                _ = try await client.openSession("user \(number)")
            }
        }
        daemon.signal(SIGKILL)
        _ = daemon.exitCode()
    }

    private func start() throws -> ProcessResult {
        let result = try run(BuiltProducts.mintmarkd, DaemonProcess.arguments(in: directory.path, nil, []))
        #expect(!result.errors.contains("[MintmarkServer] ready"))
        return result
    }

    private func data(_ name: String) -> String { directory.file("data/\(name)") }

    /// Names and contents of everything in the data directory.
    private func contents() throws -> [String: Data] {
        var contents: [String: Data] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: directory.file("data")) {
            contents[name] = FileManager.default.contents(atPath: data(name)) ?? Data()
        }
        return contents
    }

    struct Damage: CustomTestStringConvertible, Sendable {
        var name: String
        /// What the message says.
        var words: [String]
        var apply: @Sendable (RefusedStoreTests) throws -> Void

        var testDescription: String { name }
    }

    private static let damages = [
        Damage(name: "manifest flipped", words: ["manifest, offset 0", "damaged", "run: mintmarkd check "]) {
            try $0.flip("manifest", at: 100)
        },
        Damage(name: "manifest missing", words: ["manifest", "missing"]) { try $0.remove("manifest") },
        Damage(name: "manifest cut", words: ["manifest", "too early"]) { try $0.cut("manifest", to: 60) },
        Damage(name: "manifest of another kind", words: ["manifest", "not a file of this kind"]) {
            try Data("something else entirely".utf8).write(to: URL(fileURLWithPath: $0.data("manifest")))
        },
        Damage(name: "newer format", words: ["manifest", "format version 2"]) { try $0.set("manifest", at: 9, to: 2) },
        Damage(name: "snapshot flipped", words: ["snapshot-0000000002, offset", "damaged"]) {
            try $0.flip("snapshot-0000000002", at: 1_000)
        },
        Damage(name: "snapshot missing", words: ["snapshot-0000000002", "missing"]) {
            try $0.remove("snapshot-0000000002")
        },
        Damage(name: "segment missing", words: ["journal-0000000002", "missing"]) {
            try $0.remove("journal-0000000002")
        },
        Damage(name: "box flipped", words: ["journal-0000000002, offset", "proves that this was complete"]) {
            try $0.flip("journal-0000000002", at: 300)
        },
        Damage(name: "segment header flipped", words: ["journal-0000000002, offset 0"]) {
            try $0.flip("journal-0000000002", at: 50)
        },
        Damage(name: "another master key", words: ["keys.state", "another master key"]) { test in
            try test.write(Data(repeating: 7, count: 32), to: "master.key")
        },
        Damage(name: "all of the store deleted", words: ["manifest", "store.begun", "put back a copy", "move it away"])
        {
            try $0.removeStore()
        },
        Damage(name: "all but the mark deleted", words: ["manifest", "store.begun"]) {
            try $0.removeStore()
            try $0.remove("keys.state")
        },
        Damage(name: "ledger of keys missing", words: ["keys.state", "missing", "put it back"]) {
            try $0.remove("keys.state")
        },
        Damage(name: "another master key and no ledger of keys", words: ["keys.state"]) { test in
            try test.remove("keys.state")
            try test.write(Data(repeating: 7, count: 32), to: "master.key")
        },
        Damage(name: "snapshot flipped and all of the keys missing", words: ["keys.state"]) {
            try $0.flip("snapshot-0000000002", at: 1_000)
            try $0.remove("keys.state")
            try $0.remove("signing-key.pem")
        },
        Damage(name: "no manifest, and no keys", words: ["manifest"]) {
            for name in ["manifest", "keys.state", "signing-key.pem", "keys"] { try $0.remove(name) }
        },
        Damage(name: "snapshot flipped and a new key in its directory", words: ["snapshot-0000000002, offset"]) {
            try $0.flip("snapshot-0000000002", at: 1_000)
            try $0.putKey("keys/mine.pem")
        },
        Damage(name: "snapshot flipped and a rekeying stopped", words: ["snapshot-0000000002, offset"]) {
            try $0.flip("snapshot-0000000002", at: 1_000)
            try $0.write(Data(repeating: 9, count: 32), to: "master.key.next")
        },
        Damage(name: "private half missing", words: ["private half of the key that signs"]) {
            try $0.remove("signing-key.pem")
        },
        Damage(name: "master key missing", words: ["master.key", "put it back"]) { try $0.remove("master.key") },
    ]

    @Test(arguments: damages)
    func damagedStoreIsRefusedAndLeftAlone(damage: Damage) async throws {
        try await makeStore()
        try damage.apply(self)
        let before = try contents()
        let result = try start()
        #expect(result.exitCode == 4, "\(result.errors)")
        for words in damage.words {
            #expect(result.errors.contains(words), "\(result.errors)")
        }
        #expect(try contents() == before)
    }

    /// And the command that it names says what is wrong, wherever the key lies.
    @Test(arguments: [nil, "master key"]) func aKeyWithAFlippedBitIsRefusedWithTheCommandThatTellsMore(
        file: String?
    ) async throws {
        try await makeStore()
        try flip("master.key", at: 5)
        var configuration = "{}\n"
        if let file {
            try FileManager.default.moveItem(atPath: data("master.key"), toPath: directory.file(file))
            configuration = "sessions: {master_key_file: '\(directory.file(file))'}\n"
        }
        let result = try run(
            BuiltProducts.mintmarkd,
            DaemonProcess.arguments(in: directory.path, configuration, [])
        )
        #expect(result.exitCode == 4, "\(result.errors)")
        let command = try #require(result.errors.firstMatch(of: /run: mintmarkd (check [^"\n]*)["\n]/)).1
        let check = try run(
            URL(fileURLWithPath: "/bin/sh"),
            ["-c", "\"$0\" \(command)", BuiltProducts.mintmarkd.path]
        )
        #expect(check.exitCode == 4, "\(check)")
        #expect(check.output.contains("another master key"), "\(check)")
    }

    @Test func secondDaemonSaysSoAndEnds() throws {
        let daemon = try DaemonProcess(directory: directory.path)
        let result = try start()
        #expect(result.exitCode == 5)
        #expect(result.errors.contains("is in use by another mintmarkd"))
        #expect(daemon.stop() == 0)
    }

    @Test func openDirectoryIsRefusedWithTheCommandThatMendsIt() async throws {
        try await makeStore()
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory.file("data"))
        let result = try start()
        #expect(result.exitCode == 5)
        #expect(result.errors.contains("run: chmod 700 \(directory.file("data"))"))
    }

    @Test func readableMasterKeyIsRefusedWithTheCommandThatMendsIt() async throws {
        try await makeStore()
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: data("master.key"))
        let result = try start()
        #expect(result.exitCode == 6)
        #expect(result.errors.contains("run: chmod 600 \(data("master.key"))"))
    }

    /// A write that a power loss has cut off was never acknowledged.
    @Test func tornEndIsCutAndKept() async throws {
        try await makeStore()
        let segment = URL(fileURLWithPath: data("journal-0000000002"))
        var bytes = try Data(contentsOf: segment)
        // Behind the last box, which ends at a multiple of 8, and may end in zeros.
        let end = (try #require(bytes.lastIndex { $0 != 0 }) + 8) / 8 * 8
        bytes.replaceSubrange(end..<(end + 40), with: Data("MMBX".utf8) + Data(repeating: 9, count: 36))
        try bytes.write(to: segment)
        let daemon = try DaemonProcess(directory: directory.path)
        #expect(daemon.waitForLog("the journal ended in something that is no whole write"))
        #expect(daemon.logText.contains("sessions=40 "))
        #expect(daemon.stop() == 0)
        let kept = try FileManager.default.contentsOfDirectory(atPath: directory.file("data"))
        #expect(kept.contains { $0.hasPrefix("journal-0000000002.cut-") })
    }

    // MARK: Damage

    private func change(_ name: String, _ change: (inout Data) -> Void) throws {
        let url = URL(fileURLWithPath: data(name))
        var bytes = try Data(contentsOf: url)
        change(&bytes)
        try bytes.write(to: url)
    }

    private func flip(_ name: String, at offset: Int) throws {
        try change(name) { $0[offset] ^= 1 }
    }

    private func set(_ name: String, at offset: Int, to value: UInt8) throws {
        try change(name) { $0[offset] = value }
    }

    private func cut(_ name: String, to count: Int) throws {
        try change(name) { $0 = $0.prefix(count) }
    }

    private func write(_ content: Data, to name: String) throws {
        try content.write(to: URL(fileURLWithPath: data(name)))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: data(name))
    }

    private func removeStore() throws {
        for name in try contents().keys
        where name == "manifest" || name.hasPrefix("journal-") || name.hasPrefix("snapshot-") {
            try remove(name)
        }
    }

    private func putKey(_ name: String) throws {
        let result = try run(
            URL(fileURLWithPath: "/usr/bin/env"),
            ["openssl", "genpkey", "-algorithm", "ed25519", "-out", data(name)]
        )
        try #require(result.exitCode == 0, "\(result)")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: data(name))
    }

    private func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: data(name))
    }
}
