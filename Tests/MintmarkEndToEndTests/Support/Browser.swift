import Foundation

/// A headless Chromium with one page, spoken to over pipes in its DevTools protocol; ends with the value.
final class Browser {
    /// Nil: there is none on this machine.
    static let program = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
        .first(where: FileManager.default.isExecutableFile)

    struct Failure: Error {
        var text: String
    }

    private let process = Process()
    private let input: FileHandle
    private let output: FileHandle
    private var unread: [UInt8] = []
    private var session: String?
    private var callCount = 0
    /// What it told without being asked, in its order.
    private var events: [(name: String, parameters: [String: Any])] = []

    /// - Parameter folder: where its profile goes.
    init(in folder: String) throws {
        guard let program = Self.program else { throw Failure(text: "there is no Chromium") }
        // It reads commands from descriptor 3 and answers on 4. One that hangs must not keep the tests.
        let command = "exec timeout --signal=KILL 120 \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1"
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments =
            [
                "-c", command, "sh", program, "--headless", "--remote-debugging-pipe",
                "--user-data-dir=\(folder)/profile",
            ]
            + ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars"]
            + ["--disable-background-networking", "--disable-component-update", "--no-proxy-server"]
        let pipes = try process.runWithPipes()
        (input, output) = (pipes.input, pipes.output)
        let target = try call("Target.createTarget", ["url": "about:blank"])
        let id = target["targetId"] as? String ?? ""
        session = try call("Target.attachToTarget", ["targetId": id, "flatten": true])["sessionId"] as? String
        for domain in ["Page", "Runtime", "Log", "Network"] { try call("\(domain).enable") }
    }

    deinit {
        session = nil
        _ = try? call("Browser.close")
        process.terminate()
        process.waitUntilExit()
    }

    /// Sends a command and waits for its answer.
    @discardableResult
    func call(_ method: String, _ parameters: [String: Any] = [:]) throws -> [String: Any] {
        callCount += 1
        var message: [String: Any] = ["id": callCount, "method": method, "params": parameters]
        message["sessionId"] = session
        try input.write(contentsOf: JSONSerialization.data(withJSONObject: message) + [0])
        while true {
            let answer = try receive()
            guard answer["id"] as? Int == callCount else { continue }
            guard let result = answer["result"] as? [String: Any] else {
                throw Failure(text: "\(method): \(answer["error"] ?? "")")
            }
            return result
        }
    }

    /// The next message; one that is an event is kept.
    private func receive() throws -> [String: Any] {
        while !unread.contains(0) {
            let bytes = output.availableData
            guard !bytes.isEmpty else { throw Failure(text: "the browser has ended") }
            unread += bytes
        }
        let message = Data(unread.prefix { $0 != 0 })
        unread.removeFirst(message.count + 1)
        let object = try JSONSerialization.jsonObject(with: message) as? [String: Any] ?? [:]
        if let name = object["method"] as? String {
            events.append((name, object["params"] as? [String: Any] ?? [:]))
        }
        return object
    }

    // MARK: Pages

    /// How a reader has it.
    func look(width: Int, height: Int, isDark: Bool) throws {
        try call(
            "Emulation.setDeviceMetricsOverride",
            ["width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600]
        )
        let feature = ["name": "prefers-color-scheme", "value": isDark ? "dark" : "light"]
        try call("Emulation.setEmulatedMedia", ["features": [feature]])
    }

    /// Loads a page, and waits until it is there.
    func open(_ address: String) throws {
        events = []
        try call("Page.navigate", ["url": address])
        try awaitEvent("Page.loadEventFired")
    }

    /// Waits for an event that has come, or comes; forgets it.
    func awaitEvent(_ name: String, where isWanted: ([String: Any]) -> Bool = { _ in true }) throws {
        while true {
            if let place = events.firstIndex(where: { $0.name == name && isWanted($0.parameters) }) {
                events.remove(at: place)
                return
            }
            _ = try receive()
        }
    }

    /// What a script of ours finds; waits for a promise.
    func evaluate(_ script: String) throws -> Any? {
        let answer = try call(
            "Runtime.evaluate",
            ["expression": script, "returnByValue": true, "awaitPromise": true]
        )
        if let exception = answer["exceptionDetails"] { throw Failure(text: "\(script): \(exception)") }
        return (answer["result"] as? [String: Any])?["value"]
    }

    func text(_ script: String) throws -> String? { try evaluate(script) as? String }

    func number(_ script: String) throws -> Int? { try evaluate(script) as? Int }

    func texts(_ script: String) throws -> [String]? { try evaluate(script) as? [String] }

    /// Waits until a condition is true.
    func awaitTrue(_ condition: String) throws {
        _ = try evaluate("new Promise(r=>{const f=()=>\(condition)?r():setTimeout(f,50);f()})")
    }

    /// What stands in the console since the page was opened.
    var complaints: [String] {
        events.filter { ["Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled"].contains($0.name) }
            .map { "\($0.parameters)" }
    }

    /// All that was asked for since the page was opened.
    var addresses: [String] {
        events.filter { $0.name == "Network.requestWillBeSent" }
            .compactMap { ($0.parameters["request"] as? [String: Any])?["url"] as? String }
    }

    /// The whole page as PNG.
    func picture() throws -> Data {
        let answer = try call("Page.captureScreenshot", ["format": "png", "captureBeyondViewport": true])
        return Data(base64Encoded: answer["data"] as? String ?? "") ?? Data()
    }
}
