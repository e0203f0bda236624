import Foundation
import Testing

/// The log of the real daemon: what it looks like where nobody sits at a terminal, and what SIGHUP makes of it.
@Suite struct LogTests {
    @Test func programsGetALineOfJSONForEachEvent() throws {
        let daemon = try DaemonProcess(
            arguments: ["--admin", "127.0.0.1:0"],
            environment: ["MINTMARK_LOG_FORMAT": "auto"]
        )
        #expect(daemon.stop() == 0)
        #expect(daemon.waitForLog("every request is answered"))
        let lines = daemon.logText.split(separator: "\n")
        var messages: [String] = []
        for line in lines {
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            #expect(object?["time"] is String && object?["level"] is String, "\(line)")
            messages.append(object?["message"] as? String ?? "")
            if messages.last == "ready" {
                let metadata = object?["metadata"] as? [String: Any]
                #expect(metadata?["pid"] as? Int32 == daemon.ready.pid)
                #expect(metadata?["tcp"] as? [String] == daemon.ready.tcp)
            }
        }
        #expect(messages.contains("ready") && messages.contains("every request is answered"))
        // Of HTTP only errors.
        #expect(!messages.contains { $0.hasPrefix("Server started") }, "\(messages)")
    }

    @Test func terminalsGetText() throws {
        let home = try TemporaryHome()
        let ready = home.file("ready.json")
        let script = """
            \(BuiltProducts.mintmarkd.path) --data-dir \(home.file("data")) --listen 127.0.0.1:0 --ready-file \(ready) &
            until [ -s \(ready) ]; do sleep 0.02; done
            kill $! && wait $!
            """
        try home.write(script, to: "start.sh")
        // script(1) gives it a terminal.
        let result = try run(
            URL(fileURLWithPath: "/usr/bin/script"),
            ["-qec", "bash \(home.file("start.sh"))", "/dev/null"]
        )
        #expect(result.exitCode == 0)
        #expect(result.output.contains("[MintmarkServer] ready"), "\(result)")
        #expect(!result.output.contains("{\"time\""))
    }

    /// One SIGHUP changes level and format, and names what has to wait for a start, in the log and in the audit log.
    @Test func reloadChangesTheLogAndNamesWhatWaits() async throws {
        let home = try TemporaryHome()
        func write(_ text: String) throws {
            try home.write("audit_file: \(home.file("audit.log"))\n" + text, to: "mintmark.yaml")
        }
        try write("log: {level: warning, format: text}\n")
        let configuration = try String(contentsOfFile: home.file("mintmark.yaml"), encoding: .utf8)
        let ready = home.file("ready.json")
        let quiet = try DaemonProcess(
            configuration: configuration.replacing("warning", with: "info"),
            environment: ["MINTMARK_LOG_FORMAT": "text"],
            directory: home.path
        )
        #expect(FileManager.default.fileExists(atPath: ready))
        try write("log: {level: debug}\nthreads: 7\nsessions: {max: 5}\nclients: {local: {idle: 1d}}\n")
        quiet.signal(SIGHUP)
        #expect(quiet.waitForLog("settings=[\"threads\", \"sessions.max\"] [MintmarkServer] settings were changed"))
        // Those that have settings, each by its name.
        #expect(quiet.waitForLog("parts=[\"signing keys\", \"clients\", \"log\"] [MintmarkServer] reloaded"))
        // At debug each snapshot is told.
        #expect(try quiet.mintmark("snapshot").exitCode == 0)
        #expect(quiet.waitForLog(" debug mintmarkd:"))
        try write("log: {level: error}\n")
        quiet.signal(SIGHUP)
        let audit = try #require(
            try await poll("two reloads are told") { () -> String? in
                let text = try String(contentsOfFile: home.file("audit.log"), encoding: .utf8)
                return text.split(separator: "\n").count(where: { $0.contains("\"reloaded\"") }) == 2 ? text : nil
            }
        )
        #expect(audit.contains(#""event":"reloaded","changed":["log.level","clients.local"],"#), "\(audit)")
        #expect(audit.contains(#""at_next_start":["threads","sessions.max"]}"#), "\(audit)")
        #expect(quiet.stop() == 0)
        #expect(!quiet.logText.contains("every request is answered"), "\(quiet.logText)")
    }
}
