import Foundation
import Testing

/// `mintmarkd check` and `mintmarkd rekey` as processes: what they print, and how they end.
@Suite struct OfflineToolTests {
    private let home: TemporaryHome
    private var data: String { home.file("data") }

    init() throws {
        home = try TemporaryHome()
    }

    private func mintmarkd(_ arguments: String...) throws -> ProcessResult {
        try run(BuiltProducts.mintmarkd, arguments)
    }

    /// Runs a daemon that opens a session, and kills it. Gives the session's refresh token.
    private func writeStore() throws -> String {
        let daemon = try DaemonProcess(directory: home.path)
        let opened = try daemon.mintmark("open", "--subject", "alice", "--audience", "api")
        let token = try #require(try opened.text("refresh_token"), "\(opened)")
        _ = daemon.stop(with: SIGKILL)
        return token
    }

    /// Whether a daemon that is started now goes on with a session.
    private func goesOn(_ token: String) throws -> Bool {
        let daemon = try DaemonProcess(directory: home.path)
        let refreshed = try daemon.mintmark("refresh", "-", input: token)
        #expect(daemon.stop() == 0)
        return refreshed.exitCode == 0
    }

    private func contents() throws -> [String: Data] {
        var contents: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: data) {
            contents[name] = FileManager.default.contents(atPath: "\(data)/\(name)")
        }
        return contents
    }

    private func flip(_ name: String, at offset: Int) throws {
        let path = "\(data)/\(name)"
        var bytes = try #require(FileManager.default.contents(atPath: path))
        bytes[offset] ^= 1
        try home.write(bytes, to: "data/\(name)")
    }

    // MARK: check

    @Test func aSoundDirectoryIsDescribedAndLeftAlone() throws {
        _ = try writeStore()
        let before = try contents()
        let result = try mintmarkd("check", data)
        #expect(result.exitCode == 0, "\(result)")
        #expect(result.output.contains("\nSound.\n"))
        #expect(result.output.contains("1: 1 live, 0 expired, 0 revoked, 0 cut off"))
        #expect(result.output.contains("1, in master.key"))
        #expect(result.output.contains("1 active, 0 prepared, 0 retired, 0 revoked"))
        #expect(result.errors.isEmpty)
        #expect(try contents() == before)
        let json = try mintmarkd("check", "--json", data)
        #expect(json.exitCode == 0)
        #expect(try json.number("schema_version") == 1)
        #expect(try json.text("verdict") == "sound")
        #expect(try json.bool("in_use") == false)
        #expect(try json.number("key_id") == 1)
        #expect(try json.text("key_file") == "master.key")
        let sessions = try #require(try json.json["sessions"] as? [String: Int])
        #expect(sessions == ["total": 1, "live": 1, "expired": 0, "revoked": 0, "cut_off": 0])
        let keys = try #require(try json.json["signing_keys"] as? [String: Any])
        #expect(keys["active"] as? Int == 1)
        #expect(keys["failure"] == nil && keys["not_looked_at"] == nil)
        #expect(json.output.filter { $0 == "\n" }.count == 1)
    }

    @Test func aDirectoryWhereNothingCanBeWrittenIsRead() throws {
        _ = try writeStore()
        let paths = try contents().keys.map { "\(data)/\($0)" }
        for path in paths {
            try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: path)
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: data)
        #expect(try mintmarkd("check", data).exitCode == 0)
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: data)
    }

    @Test func aTornEndIsExitCode1() throws {
        let token = try writeStore()
        var bytes = try #require(FileManager.default.contents(atPath: "\(data)/journal-0000000001"))
        // Behind the last box, which ends at a multiple of 8.
        let end = try #require(bytes.lastIndex { $0 != 0 }) + 1
        bytes[(end + 7) / 8 * 8] = 1
        try home.write(bytes, to: "data/journal-0000000001")
        let result = try mintmarkd("check", data)
        #expect(result.exitCode == 1, "\(result)")
        #expect(result.output.contains("Torn end"))
        let json = try mintmarkd("check", data, "--json")
        #expect(json.exitCode == 1)
        #expect(try json.text("verdict") == "torn")
        #expect(try (json.json["torn_end"] as? [String: Any])?["file"] as? String == "journal-0000000001")
        let salvage = try mintmarkd("check", data, "--salvage")
        #expect(salvage.exitCode == 1)
        #expect(salvage.errors.contains("nothing is damaged"), "\(salvage)")
        #expect(try goesOn(token))
    }

    @Test func damageIsExitCode4WithFileAndOffsetAndTheDaemonSaysTheSame() throws {
        _ = try writeStore()
        try flip("snapshot-0000000001", at: 20)
        let before = try contents()
        let result = try mintmarkd("check", data)
        #expect(result.exitCode == 4, "\(result)")
        let reason = "snapshot-0000000001, offset 0: damaged, or written under another master key"
        #expect(result.output.contains(reason), "\(result)")
        let json = try mintmarkd("check", data, "--json")
        #expect(json.exitCode == 4)
        #expect(try json.text("verdict") == "damaged")
        let failure = try #require(try json.json["failure"] as? [String: Any])
        #expect(failure["file"] as? String == "snapshot-0000000001")
        #expect(failure["offset"] as? Int == 0)
        let arguments = try DaemonProcess.arguments(in: home.path, nil, [])
        let start = try run(BuiltProducts.mintmarkd, arguments)
        #expect(start.exitCode == 4)
        #expect(start.errors.contains(reason), "\(start)")
        #expect(try contents() == before)
    }

    private static let refusedKeys: [(name: String, isFlipped: Bool, words: String)] = [
        ("keys.state", true, "keys.state: damaged"), ("keys.state", false, "keys.state: the file is missing"),
        ("signing-key.pem", false, "the private half of the key that signs is in no file"),
    ]

    /// Whatever of the signing keys a start refuses for.
    @Test(arguments: refusedKeys)
    func keysThatAStartRefusesAreExitCode4(name: String, isFlipped: Bool, words: String) throws {
        _ = try writeStore()
        if isFlipped {
            try flip(name, at: 20)
        } else {
            try FileManager.default.removeItem(atPath: "\(data)/\(name)")
        }
        let before = try contents()
        let result = try mintmarkd("check", data)
        #expect(result.exitCode == 4, "\(result)")
        #expect(result.output.contains("The sessions are sound. A start refuses"), "\(result)")
        #expect(result.output.contains(words), "\(result)")
        let json = try mintmarkd("check", data, "--json")
        #expect(json.exitCode == 4)
        #expect(try json.text("verdict") == "damaged")
        let keys = try #require(try json.json["signing_keys"] as? [String: Any])
        #expect((keys["failure"] as? String)?.contains(words) == true, "\(keys)")
        let salvage = try mintmarkd("check", data, "--salvage")
        #expect(salvage.exitCode == 4, "\(salvage)")
        #expect(salvage.errors.contains("salvage does not help"), "\(salvage)")
        #expect(salvage.errors.contains(words), "\(salvage)")
        let start = try run(BuiltProducts.mintmarkd, try DaemonProcess.arguments(in: home.path, nil, []))
        #expect(start.exitCode == 4)
        #expect(start.errors.contains(words), "\(start)")
        if name == "keys.state", !isFlipped {
            let rekey = try mintmarkd("rekey", data)
            #expect(rekey.exitCode == 4, "\(rekey)")
            #expect(rekey.errors.contains(words), "\(rekey)")
        }
        #expect(try contents() == before)
    }

    @Test func signingKeysElsewhereAreNamed() throws {
        _ = try writeStore()
        let folder = home.file("elsewhere")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        try FileManager.default.moveItem(atPath: "\(data)/signing-key.pem", toPath: "\(folder)/mine.pem")
        let unnamed = try mintmarkd("check", data)
        #expect(unnamed.exitCode == 4)
        #expect(unnamed.output.contains("--signing-key and --key-directory"), "\(unnamed)")
        #expect(try mintmarkd("check", data, "--signing-key", "\(folder)/mine.pem").exitCode == 0)
        #expect(try mintmarkd("check", data, "--key-directory", folder).exitCode == 0)
        let missing = try mintmarkd("check", data, "--key-directory", "\(folder)/no")
        #expect(missing.exitCode == 4)
        #expect(missing.errors.contains("no such directory"), "\(missing)")
    }

    /// Keys alone look like a new directory; the mark tells that it is none.
    @Test func aStoreThatWasDeletedIsMissed() throws {
        _ = try writeStore()
        for name in try contents().keys
        where name == "manifest" || name.hasPrefix("journal-") || name.hasPrefix("snapshot-") {
            try FileManager.default.removeItem(atPath: "\(data)/\(name)")
        }
        let result = try mintmarkd("check", data)
        #expect(result.exitCode == 4, "\(result)")
        #expect(result.output.contains("a store was begun here, as store.begun says"), "\(result)")
        #expect(result.output.contains("there is nothing that --salvage could build on"), "\(result)")
        #expect(try mintmarkd("check", data, "--json").text("verdict") == "damaged")
        #expect(try mintmarkd("check", data, "--salvage").exitCode == 4)
    }

    @Test(arguments: [false, true]) func whatIsNotThereIsUnusable(asJSON: Bool) throws {
        let missing = home.file("nowhere")
        let result = try run(BuiltProducts.mintmarkd, ["check", missing] + (asJSON ? ["--json"] : []))
        #expect(result.exitCode == 4)
        #expect(!FileManager.default.fileExists(atPath: missing))
        if asJSON {
            #expect(try result.text("verdict") == "unusable")
        } else {
            #expect(result.errors.contains("No such file"), "\(result)")
        }
        try FileManager.default.createDirectory(atPath: missing, withIntermediateDirectories: false)
        let bare = try run(BuiltProducts.mintmarkd, ["check", missing] + (asJSON ? ["--json"] : []))
        #expect(bare.exitCode == 4)
        #expect((bare.output + bare.errors).contains("there is no store here either"), "\(bare)")
        try home.write(Data(repeating: 1, count: 32), to: "nowhere/master.key")
        let empty = try run(BuiltProducts.mintmarkd, ["check", missing] + (asJSON ? ["--json"] : []))
        #expect(empty.exitCode == 4)
        #expect(empty.output.contains(asJSON ? #""verdict":"absent""# : "There is no store here."), "\(empty)")
    }

    @Test func aKeyElsewhereIsNamedAndAForeignOneIsTold() throws {
        _ = try writeStore()
        let key = home.file("elsewhere.key")
        try FileManager.default.moveItem(atPath: "\(data)/master.key", toPath: key)
        let unnamed = try mintmarkd("check", data)
        #expect(unnamed.exitCode == 4)
        #expect(unnamed.errors.contains("name it with --master-key"), "\(unnamed)")
        #expect(try mintmarkd("check", data, "--master-key", key).exitCode == 0)
        try home.write(Data(repeating: 7, count: 32), to: "foreign.key")
        let foreign = try mintmarkd("check", data, "--master-key", home.file("foreign.key"))
        #expect(foreign.exitCode == 4)
        #expect(foreign.output.contains("most likely another store's"), "\(foreign)")
    }

    @Test func aDaemonThatHoldsTheDirectoryIsTold() throws {
        let daemon = try DaemonProcess()
        let json = try mintmarkd("check", daemon.dataDirectory, "--json")
        #expect(json.exitCode == 0, "\(json)")
        #expect(try json.bool("in_use") == true)
        for arguments in [["check", "--salvage"], ["rekey"]] {
            let result = try run(BuiltProducts.mintmarkd, arguments + [daemon.dataDirectory])
            #expect(result.exitCode == 4)
            #expect(result.errors.contains("is in use by another mintmarkd"), "\(result)")
        }
        #expect(try daemon.mintmark("ping").exitCode == 0)
    }

    @Test(arguments: [
        ["check"], ["check", "a", "b"], ["check", "a", "--nonsense"], ["rekey"], ["check", "a", "--to", "b"],
    ])
    func wrongUsageIsExitCode2(arguments: [String]) throws {
        let result = try run(BuiltProducts.mintmarkd, arguments)
        #expect(result.exitCode == 2, "\(result)")
        #expect(result.output.isEmpty)
    }

    @Test func aMistypedCommandGetsASuggestion() throws {
        let result = try run(BuiltProducts.mintmarkd, ["chekc", "/nowhere"])
        #expect(result.exitCode == 2, "\(result)")
        let words = "Error: mintmarkd has no command 'chekc'; did you mean 'check'?\n"
        #expect(result.errors.hasPrefix(words), "\(result)")
        #expect(result.output.isEmpty)
    }

    @Test(arguments: ["check", "rekey"]) func exitCodesStandInTheHelp(command: String) throws {
        for arguments in [[command, "--help"], ["help", command]] {
            let result = try run(BuiltProducts.mintmarkd, arguments)
            #expect(result.exitCode == 0)
            #expect(result.output.contains("Exit codes: 0"), "\(result)")
        }
        #expect(try mintmarkd("--help").output.contains(command))
    }

    // MARK: --salvage

    @Test func aDamagedManifestIsSalvaged() throws {
        let token = try writeStore()
        try flip("manifest", at: 60)
        let before = try contents()
        #expect(try mintmarkd("check", data).exitCode == 4)
        let result = try mintmarkd("check", "--salvage", data)
        #expect(result.exitCode == 0, "\(result)")
        #expect(result.output.contains("Lost:\n  nothing that was ever acknowledged"), "\(result)")
        #expect(
            result.output.contains("in salvaged-1: journal-0000000001, manifest, snapshot-0000000001."),
            "\(result)"
        )
        #expect(
            FileManager.default.contents(atPath: "\(data)/salvaged-1/manifest") == before["manifest"]
        )
        #expect(try mintmarkd("check", data).exitCode == 0)
        #expect(try goesOn(token))
    }

    @Test func whatASalvageLosesIsTold() throws {
        _ = try writeStore()
        try FileManager.default.removeItem(atPath: "\(data)/journal-0000000001")
        let json = try mintmarkd("check", "--salvage", "--json", data)
        #expect(json.exitCode == 0, "\(json)")
        #expect(try json.text("verdict") == "salvaged")
        let loss = try #require(try json.json["loss"] as? [String: Any])
        #expect(loss["may_hold_revocations"] as? Bool == true)
        #expect(loss["first_number"] as? Int == 1)
        #expect(try mintmarkd("check", data).exitCode == 0)
    }

    // MARK: rekey

    @Test func aStoreIsMovedToANewKey() throws {
        let token = try writeStore()
        let old = try contents()["master.key"]
        let result = try mintmarkd("rekey", data)
        #expect(result.exitCode == 0, "\(result)")
        #expect(result.output.contains("2, in \(data)/master.key"), "\(result)")
        #expect(try contents()["master.key"] != old)
        #expect(try mode("\(data)/master.key") == 0o600)
        #expect(try mintmarkd("check", "--json", data).number("key_id") == 2)
        #expect(try goesOn(token))
    }

    /// Who signs, who is prepared and who is revoked is the same afterwards, and so is what their tokens are worth.
    @Test func signingKeysMoveAlong() throws {
        func keys(_ daemon: DaemonProcess) throws -> [[String?]] {
            let list = try daemon.mintmark("keys", "list").json["keys"] as? [[String: Any]]
            return try #require(list).map { [$0["key_id"] as? String, $0["state"] as? String] }
        }
        func sign(_ daemon: DaemonProcess) throws -> String {
            let signed = try daemon.mintmark("sign", "--subject", "alice", "--audience", "api")
            return try #require(try signed.text("access_token"), "\(signed)")
        }
        let daemon = try DaemonProcess(directory: home.path)
        let dead = try sign(daemon)
        let first = try #require(try keys(daemon).first?.first ?? nil)
        #expect(try daemon.mintmark("keys", "revoke", first).exitCode == 0)
        #expect(try daemon.mintmark("keys", "prepare").exitCode == 0)
        let token = try sign(daemon)
        let before = try keys(daemon)
        #expect(before.map(\.last) == ["revoked", "active", "prepared"])
        _ = daemon.stop(with: SIGKILL)
        #expect(try mintmarkd("rekey", data).exitCode == 0)
        let moved = try DaemonProcess(directory: home.path)
        #expect(try keys(moved) == before)
        #expect(try moved.mintmark("verify", token, "--audience", "api").exitCode == 0)
        let refused = try moved.mintmark("verify", dead, "--audience", "api")
        #expect(refused.exitCode != 0)
        #expect(refused.output.contains("KEY_REVOKED"), "\(refused)")
        #expect(try moved.mintmark("verify", try sign(moved), "--audience", "api").exitCode == 0)
    }

    @Test func aRekeyingThatWasStoppedIsEndedByTheNextStart() throws {
        let token = try writeStore()
        let old = try #require(try contents()["master.key"])
        #expect(try mintmarkd("rekey", data).exitCode == 0)
        // As if it had been stopped before its last step …
        try FileManager.default.moveItem(atPath: "\(data)/master.key", toPath: "\(data)/master.key.next")
        try home.write(old, to: "data/master.key")
        #expect(try mintmarkd("check", "--json", data).text("key_file") == "master.key.next")
        #expect(try goesOn(token))
        #expect(try contents()["master.key.next"] == nil)
        // … and before the key counted.
        try home.write(Data(repeating: 3, count: 32), to: "data/master.key.next")
        #expect(try DaemonProcess(directory: home.path).stop() == 0)
        #expect(try contents()["master.key.next"] == nil)
        #expect(try mintmarkd("check", data).exitCode == 0)
    }

    @Test func aKeyElsewhereIsReplacedByOneElsewhere() throws {
        let token = try writeStore()
        try FileManager.default.moveItem(atPath: "\(data)/master.key", toPath: home.file("old.key"))
        try home.write(Data((0..<32).map { UInt8($0) }), to: "new.key")
        let (old, new) = (home.file("old.key"), home.file("new.key"))
        let unsaid = try mintmarkd("rekey", data, "--master-key", old)
        #expect(unsaid.exitCode == 2)
        #expect(unsaid.errors.contains("--to"), "\(unsaid)")
        let result = try mintmarkd("rekey", data, "--master-key", old, "--to", new)
        #expect(result.exitCode == 0, "\(result)")
        #expect(result.output.contains("sessions.master_key_file: \(new)"), "\(result)")
        // Once more: it is done already.
        let again = try mintmarkd("rekey", data, "--master-key", old, "--to", new)
        #expect(again.exitCode == 0)
        #expect(again.output.contains("already"), "\(again)")
        let yaml = "sessions: {master_key_file: \(new)}\n"
        let daemon = try DaemonProcess(configuration: yaml, directory: home.path)
        #expect(try daemon.mintmark("refresh", "-", input: token).exitCode == 0)
    }

    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }
}

extension TemporaryHome {
    fileprivate func write(_ data: Data, to name: String) throws {
        try data.write(to: URL(fileURLWithPath: file(name)))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file(name))
    }
}
