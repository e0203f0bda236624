import Foundation
import Logging
import MintmarkTestSupport
import Testing

@testable import MintmarkServer

/// What the log looks like, how much there is of it, and that both can be changed.
@Suite struct LogTests {
    /// A log that keeps its lines.
    private final class Recorder {
        private let directory: TemporaryDirectory
        private let descriptor: Int32
        let control: LogControl
        let logger: Logger

        init(
            _ level: Configuration.Log.Level = .info,
            _ format: Configuration.Log.Format = .auto,
            isTerminal: Bool = false
        ) throws {
            directory = try TemporaryDirectory()
            descriptor = open(directory.file("log"), O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            let log = Configuration.Log(level: level, format: format)
            let control = LogControl(log, descriptor: descriptor, isTerminal: isTerminal)
            self.control = control
            logger = Logger(label: "test") { ServerLogHandler(label: $0, control: control) }
        }

        deinit {
            close(descriptor)
        }

        var all: [String] {
            let text = (try? String(contentsOfFile: directory.file("log"), encoding: .utf8)) ?? ""
            return text.split(separator: "\n").map { $0 + "\n" }
        }
    }

    private func line(_ message: String, _ metadata: Logger.Metadata = [:]) -> LogLine {
        LogLine(
            level: .warning,
            label: "mintmarkd",
            source: "Here",
            message: message,
            metadata: metadata,
            wallMilliseconds: 1_700_000_000_123
        )
    }

    private let everything: Logger.Metadata = [
        "text": "a \"b\"", "count": .stringConvertible(UInt64.max), "flag": .stringConvertible(true),
        "list": .array(["x", .stringConvertible(-1)]), "part": .dictionary(["deep": "y"]),
        "odd": .stringConvertible(1.5),
    ]

    @Test func textIsALineForPeople() {
        #expect(line("done").text == "2023-11-14T22:13:20.123Z warning mintmarkd: [Here] done")
        #expect(
            line("done", ["b": "2", "a": .array(["1", "x"])]).text
                == "2023-11-14T22:13:20.123Z warning mintmarkd: a=[\"1\", \"x\"] b=2 [Here] done"
        )
    }

    @Test func jsonIsALineForPrograms() {
        #expect(
            line("say \"x\"").json
                == #"{"time":"2023-11-14T22:13:20.123Z","level":"warning","message":"say \"x\"","source":"Here"}"#
        )
        #expect(
            line("m", everything).json.hasSuffix(
                #","metadata":{"count":18446744073709551615,"flag":true,"list":["x",-1],"odd":"1.5","#
                    + #""part":{"deep":"y"},"text":"a \"b\""}}"#
            )
        )
    }

    /// Nobody who can put a word into the log can begin a line in it, or move the cursor of who reads it.
    @Test(arguments: ["\n", "\r", "\u{1B}[2J", "\u{9B}2J", "\u{0}", "\u{7F}", "\u{85}"])
    func oneEventIsOneLine(evil: String) throws {
        let event = line("a\(evil)b", ["k\(evil)": "v\(evil)", "l": .array([.string(evil)])])
        for text in [event.text, event.json] {
            #expect(!text.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }, "\(text)")
        }
        let object = try JSONSerialization.jsonObject(with: Data(event.json.utf8)) as? [String: Any]
        #expect(object?["message"] as? String == "a\(evil)b")
    }

    /// Nor make it read as something else than it says.
    @Test(arguments: ["\u{200B}", "\u{2028}", "\u{2029}", "\u{202E}", "\u{2066}", "\u{FEFF}"])
    func textShowsWhatIsNotSeen(evil: Unicode.Scalar) {
        let text = line("a\(evil)b", ["k": "v\(evil)"]).text
        #expect(!text.unicodeScalars.contains(evil))
        #expect(text.contains("a\\u{\(String(evil.value, radix: 16, uppercase: true))}b"))
    }

    @Test(arguments: [
        (Configuration.Log.Format.auto, true, false), (.auto, false, true), (.text, false, false), (.json, true, true),
    ])
    func terminalsGetTextAndOthersJSON(format: Configuration.Log.Format, isTerminal: Bool, isJSON: Bool) throws {
        let recorder = try Recorder(.info, format, isTerminal: isTerminal)
        recorder.logger.info("hello")
        #expect(recorder.all.count == 1)
        #expect(recorder.all.first?.hasPrefix("{") == isJSON)
        #expect(recorder.all.first?.hasSuffix("\n") == true)
    }

    @Test(arguments: Configuration.Log.Level.allCases)
    func aLevelLetsThroughWhatIsMoreImportant(level: Configuration.Log.Level) throws {
        let recorder = try Recorder(level, .json)
        for other in Logger.Level.allCases {
            recorder.logger.log(level: other, "\(other)")
        }
        let names = Logger.Level.allCases.map(\.rawValue)
        let wanted = names.drop { $0 != level.rawValue }
        #expect(recorder.all.count == wanted.count)
        for (text, name) in zip(recorder.all, wanted) {
            #expect(text.contains("\"level\":\"\(name)\"") && text.contains("\"message\":\"\(name)\""), "\(text)")
        }
    }

    /// Also for copies of a logger that somebody keeps.
    @Test func aReloadChangesEveryLogger() throws {
        let recorder = try Recorder(.info, .json)
        var copy = recorder.logger
        copy[metadataKey: "of"] = "copy"
        copy.debug("not yet")
        LogReload(control: recorder.control).prepare(try load("log: {level: debug, format: text}"))()
        copy.debug("now")
        #expect(recorder.all.count == 1)
        #expect(
            recorder.all.first?.contains(" debug test: of=copy [MintmarkServerTests] now\n") == true,
            "\(recorder.all)"
        )
    }

    /// A logger that was told to say less does, whatever a reload lets through; one that was told to say more does not.
    @Test func aLoggerSaysLessWhereItWasToldSo() throws {
        let recorder = try Recorder(.info, .json)
        var quiet = recorder.logger
        quiet.logLevel = .error
        var loud = recorder.logger
        loud.logLevel = .trace
        LogReload(control: recorder.control).prepare(try load("log: {level: debug, format: text}"))()
        quiet.warning("quiet")
        loud.trace("loud")
        #expect(recorder.all.isEmpty, "\(recorder.all)")
        quiet.error("quiet")
        loud.debug("loud")
        recorder.logger.info("other")
        #expect(recorder.all.count == 3, "\(recorder.all)")
    }
}
