import Foundation
import Testing

/// The status page of a real daemon, in a real browser where there is one.
///
/// With `TESTS_PICTURES` in the environment, the pictures that the browser takes stay in that folder.
@Suite(.serialized) struct StatusPageTests {
    private let home: TemporaryHome
    private let daemon: DaemonProcess

    init() throws {
        home = try TemporaryHome()
        daemon = try DaemonProcess(arguments: ["--admin", "127.0.0.1:0"])
    }

    private var address: String {
        get throws { "http://\(try #require(daemon.ready.admin))/" }
    }

    /// Something of everything: sessions, verified tokens, refusals.
    private func use() throws -> String {
        var token = ""
        for number in 0..<3 {
            let opened = try daemon.mintmark("open", "--subject", "secret-subject-\(number)", "--audience", "a")
            #expect(opened.exitCode == 0, "\(opened.errors)")
            token = try opened.text("access_token") ?? ""
            #expect(try daemon.mintmark("verify", token, "--audience", "a").exitCode == 0)
            #expect(try daemon.mintmark("verify", token, "--audience", "b").exitCode == 1)
        }
        return token
    }

    @Test func itTellsNumbersAndNoSecrets() throws {
        let token = try use()
        let page = try run(URL(fileURLWithPath: "/usr/bin/env"), ["curl", "--silent", "--max-time", "20", address])
        #expect(page.exitCode == 0)
        let keys = try daemon.mintmark("keys").json["keys"] as? [[String: Any]] ?? []
        let key = try #require(keys.first?["kid"] as? String)
        for part in [
            "<title>Ready · Mintmark</title>", "Live</span>", "<p class=\"figure\">3</p>", "<code>open</code>",
            "<code>verify</code>", "<code>audience_<wbr>refused</code>", "<code>\(key)</code>", "active</span>",
            "<dt>Last snapshot</dt>", "<dt>Waiting for the disk</dt>",
        ] {
            #expect(page.output.contains(part), "\(part)")
        }
        let parts = token.split(separator: ".").map(String.init)
        for secret in ["secret-subject", "mmrt_", "eyJ", daemon.directory] + parts where !secret.isEmpty {
            #expect(!page.output.contains(secret), "\(secret)")
        }
        #expect(daemon.stop() == 0)
    }

    private static let hasBrowser = Browser.program != nil
    private static let figure = "document.querySelector('#sessions ~ .figure').textContent"

    @Test(.enabled(if: hasBrowser, "there is no Chromium on this machine"), arguments: [390, 800, 1_400])
    func itIsDrawnWhole(width: Int) throws {
        _ = try use()
        let browser = try Browser(in: home.path)
        var pictures: [Data] = []
        for isDark in [false, true] {
            try browser.look(width: width, height: 900, isDark: isDark)
            try browser.open(address)
            #expect(try browser.text("document.title") == "Ready · Mintmark")
            // Nothing is wider than the screen, and no text than its place.
            #expect(try browser.number("document.documentElement.scrollWidth") == width)
            let wide = try browser.texts(
                "[...document.querySelectorAll('section')].filter(s=>s.scrollWidth>s.clientWidth).map(s=>s.innerText)"
            )
            #expect(wide == [])
            let ground = try browser.text("getComputedStyle(document.body).backgroundColor")
            #expect(ground == (isDark ? "rgb(13, 18, 16)" : "rgb(245, 247, 246)"))
            // What the policy forbids would stand in the console, too.
            #expect(browser.complaints == [])
            let own = try address
            #expect(browser.addresses.allSatisfy { $0 == own || $0.hasPrefix("data:") }, "\(browser.addresses)")
            let picture = try browser.picture()
            #expect(picture.starts(with: [0x89, 0x50, 0x4E, 0x47]))
            pictures.append(picture)
            try keep(picture, "\(width)-\(isDark ? "dark" : "light")")
        }
        #expect(pictures[0] != pictures[1])
    }

    private func keep(_ picture: Data, _ name: String) throws {
        let folder = ProcessInfo.processInfo.environment["TESTS_PICTURES"] ?? home.path
        try picture.write(to: URL(fileURLWithPath: "\(folder)/status-\(name).png"))
    }

    /// News come without a new page: the reader stays where it was. And a server that is gone is no server that is well.
    @Test(.enabled(if: hasBrowser, "there is no Chromium on this machine"))
    func itKeepsItselfUpToDate() throws {
        let browser = try Browser(in: home.path)
        try browser.look(width: 390, height: 500, isDark: false)
        try browser.open(address)
        #expect(try browser.text(Self.figure) == "0")
        _ = try browser.evaluate("window.mark=1;document.querySelector('nav a').focus();scrollTo(0,300)")
        _ = try use()
        try browser.awaitTrue("\(Self.figure)==='3'")
        let place = try browser.text("[window.mark,scrollY,document.activeElement.textContent].join()")
        #expect(place == "1,300,/livez")
        #expect(browser.complaints == [])
        let stale = "getComputedStyle(document.querySelector('.stale')).display"
        #expect(try browser.text(stale) == "none")
        #expect(daemon.stop() == 0)
        try browser.awaitTrue("\(stale)==='block'")
    }

    @Test(.enabled(if: hasBrowser, "there is no Chromium on this machine"))
    func itLoadsAgainWithoutScripts() throws {
        let browser = try Browser(in: home.path)
        try browser.call("Emulation.setScriptExecutionDisabled", ["value": true])
        try browser.open(address)
        _ = try use()
        // It may load again between the calls, too.
        for _ in 0..<10 where try browser.text(Self.figure) != "3" {
            try browser.awaitEvent("Page.loadEventFired")
        }
        #expect(try browser.text(Self.figure) == "3")
        #expect(browser.complaints == [])
    }
}
