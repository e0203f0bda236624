import Foundation
import MintmarkCrypto
import MintmarkSessions
import MintmarkSessionsTestSupport
import Testing

@testable import MintmarkStorage

/// The golden files of each format version are read as they were written, by this code and by another's.
@Suite struct GoldenTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appending(path: "version-1")

    private static let master = SecretBytes(count: 32) { bytes in
        for index in bytes.indices {
            bytes[index] = UInt8(index)
        }
    }

    private static func file(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appending(path: name)))
    }

    /// The files of the store alone.
    private static func store() throws -> MemoryDirectory {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter(StoreFiles.isPart)
        let files = try names.map { ($0, try file($0)) }
        return MemoryDirectory(Dictionary(uniqueKeysWithValues: files))
    }

    @Test func theFilesHoldWhatTheyHeld() throws {
        let expected = try JSONDecoder().decode(GoldenContent.self, from: Data(try Self.file("content.json")))
        let content = try GoldenContent(reading: try Self.store(), master: Self.master)
        #expect(content.manifest == expected.manifest)
        #expect(content.snapshot == expected.snapshot)
        #expect(content.segments.count == expected.segments.count)
        for (segment, wanted) in zip(content.segments, expected.segments) {
            #expect(segment.boxes.count == wanted.boxes.count)
            for (box, wantedBox) in zip(segment.boxes, wanted.boxes) {
                #expect(box == wantedBox)
            }
            #expect(segment == wanted)
        }
    }

    /// Otherwise they would prove less than they seem to.
    @Test func theFilesHoldEverythingThatThereIs() throws {
        let content = try JSONDecoder().decode(GoldenContent.self, from: Data(try Self.file("content.json")))
        let events = content.segments.flatMap(\.boxes).flatMap(\.events)
        #expect(
            Set(events.map(\.kind)) == [
                "opened", "rotated", "touched", "graced", "revoked", "forced", "cut-off", "forced, for a target",
                "epoch taken", "clock",
            ]
        )
        let targets = events.filter { $0.kind == "cut-off" || $0.kind == "forced, for a target" }.compactMap(\.target)
        #expect(Set(targets.map(\.kind)) == ["subject", "client", "all"])
        let rotations = events.filter { $0.kind == "rotated" }
        #expect(rotations.contains { $0.previousEpoch != $0.epoch })
        #expect(rotations.contains { $0.contextHash != nil } && rotations.contains { $0.contextHash == nil })
        #expect(Set(rotations.compactMap(\.forcedStage)) == ["none", "begun"])
        #expect(Set(events.filter { $0.kind == "revoked" }.compactMap(\.revoked)) == ["requested", "reuse"])
        #expect(!content.snapshot.cutOffs.isEmpty && !content.snapshot.forcedRotations.isEmpty)
        #expect(content.snapshot.sessions.contains { $0.revoked != nil })
        #expect(content.segments.count == 2)
        #expect(content.segments.allSatisfy { !$0.boxes.isEmpty })
    }

    /// `Protocol/examples/read_store.py` was written from the specification alone.
    @Test func aStrangersReaderReadsTheSame() throws {
        let (status, output, _) = try Self.strangersReader(of: Self.folder.path)
        #expect(status == 0)
        let expected = try Self.file("content.json")
        #expect(output == String(decoding: expected, as: UTF8.self))
    }

    @Test func aStrangersReaderTellsWhatItCannotRead() throws {
        let path = Self.folder.appending(path: "nowhere").path
        let (status, output, errors) = try Self.strangersReader(of: path)
        #expect(status == 2)
        #expect(output.isEmpty)
        #expect(errors == "\(path)/master.key: No such file or directory\n")
    }

    private static func strangersReader(of path: String) throws -> (status: Int32, output: String, errors: String) {
        let script = folder.appending(path: "../../../../Protocol/examples/read_store.py").standardizedFileURL
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-B", script.path, path]
        let output = Pipe()
        let errors = Pipe()
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        // Of one of them there is little, whatever there is of the other.
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let reasons = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let (words, whys) = (String(decoding: text, as: UTF8.self), String(decoding: reasons, as: UTF8.self))
        return (process.terminationStatus, words, whys)
    }

    /// Holders of tokens that were made then go on.
    @Test func theStoreGoesOn() throws {
        struct Expected: Codable {
            let subject: String
            let token: String
        }
        let tokens = try JSONDecoder().decode([Expected].self, from: Data(try Self.file("tokens.json")))
        let fixture = StorageFixture(try Self.store(), master: Self.master, seed: 77)
        try fixture.start()
        #expect(fixture.report.cut == nil)
        let callers: [SessionCaller] = [
            .client("local"), .client("constant") { $0.rotation = .never }, .client("bound") { $0.context = .rotate },
        ]
        #expect(tokens.count >= 6)
        var grant = GrantBuffer()
        for expected in tokens {
            let outcomes = callers.map { caller in
                fixture.store.refresh(
                    Array(expected.token.utf8),
                    context: caller.clientID == Array("bound".utf8) ? "away" : nil,
                    caller: caller,
                    now: fixture.now,
                    grant: &grant
                )
            }
            let granted = outcomes.compactMap(\.granted)
            #expect(granted.count == 1, "\(expected.subject): \(outcomes)")
            #expect(granted.first?.subject == Array(expected.subject.utf8))
        }
    }

    /// Writes files of the present version to the directory that `MINTMARK_GOLDEN_DIRECTORY` names. For a new version of
    /// the format; those of the old ones stay as they are.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["MINTMARK_GOLDEN_DIRECTORY"] != nil))
    func writeFiles() throws {
        let path = try #require(ProcessInfo.processInfo.environment["MINTMARK_GOLDEN_DIRECTORY"])
        let history = try StorageHistory(master: Self.master, seed: 2_020, rounds: 1)
        let folder = URL(fileURLWithPath: path)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, bytes) in history.directory.files {
            try Data(bytes).write(to: folder.appending(path: name))
        }
        try Data(0..<32).write(to: folder.appending(path: "master.key"))
        let tokens = history.tokens.sorted { $0.key < $1.key }.map { subject, token in
            ["subject": subject, "token": String(decoding: token, as: UTF8.self)]
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(tokens).write(to: folder.appending(path: "tokens.json"))
    }
}
