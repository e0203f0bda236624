import Foundation
import Testing

/// Pages of real runs in a real browser, where there is one: each mode, in light and in darkness, on a telephone and on a
/// large screen.
///
/// With `TESTS_PICTURES` in the environment, the pictures that the browser takes stay in that folder.
@Suite("Pages of the load tool in a browser", .serialized, .enabled(if: Browser.program != nil, "there is no Chromium"))
struct LoadPageTests {
    private static let mix = ["--mix", "sign=1,verify=3,ping=1", "--distinct-tokens", "100", "--warmup", "0"]
    private static let ping = ["--mix", "ping=1", "--warmup", "0"]

    /// What is run for a page: one report for each list of arguments.
    static let pages: [(name: String, runs: [[String]])] = [
        ("run", [["run", "--rate", "2000", "--duration", "4"] + mix]),
        ("peak", [["peak", "--duration", "3", "--connections", "2", "--depth", "2", "--runs", "2"] + mix]),
        ("search", [["search", "--slo", "p99(ping) < 1ms", "--start-rate", "2000", "--duration", "1"] + ping]),
        ("step", [["step", "--from", "500", "--to", "2500", "--step", "500", "--duration", "1"] + mix]),
        ("ramp", [["ramp", "--from", "200", "--to", "4000", "--duration", "4"] + mix]),
        ("spike", [["spike", "--rate", "500", "--to", "4000", "--at", "1", "--for", "1", "--duration", "4"] + mix]),
        ("handshake", [["handshake", "--rate", "200", "--duration", "4"]]),
        (
            "compare",
            [
                ["run", "--rate", "2000", "--duration", "4"] + mix,
                ["run", "--rate", "2000", "--duration", "4", "--connections", "1", "--depth", "1"] + mix,
            ]
        ),
    ]

    @Test(arguments: pages.indices)
    func itIsDrawnWhole(index: Int) throws {
        let (name, runs) = Self.pages[index]
        let home = try TemporaryHome()
        let daemon = try DaemonProcess(configuration: "clients: {local: {access_token_ttl: 1h}}\n")
        let files = runs.indices.map { "\(home.path)/\(name)-\($0).json" }
        for (file, arguments) in zip(files, runs) {
            let result = try run(
                BuiltProducts.mintmarkBench,
                arguments + ["--unix", daemon.unixPath, "--json", file]
            )
            // On a busy machine a rate may not be reached, and a generator may be late: that belongs onto a page, too.
            #expect([0, 10, 12].contains(result.exitCode), "\(result)")
        }
        let page = "\(home.path)/\(name).html"
        let report = try run(BuiltProducts.mintmarkBench, ["report", "--html", page] + files)
        #expect(report.exitCode == 0, "\(report)")
        let browser = try Browser(in: home.path)
        for (width, isDark) in [(390, false), (390, true), (1_400, false), (1_400, true)] {
            try look(browser, page, name, width: width, isDark: isDark)
        }
    }

    private func look(_ browser: Browser, _ page: String, _ name: String, width: Int, isDark: Bool) throws {
        try browser.look(width: width, height: 900, isDark: isDark)
        try browser.open("file://\(page)")
        // Nothing is wider than the screen; tables that are can be moved inside their frame.
        #expect(try browser.number("document.documentElement.scrollWidth") == width)
        // No words of a plot lie on one another, and none outside of it.
        let collisions = try browser.texts(Self.collisions)
        #expect(collisions == [])
        #expect(browser.complaints == [])
        #expect(browser.addresses == ["file://\(page)"])
        guard let folder = ProcessInfo.processInfo.environment["TESTS_PICTURES"] else { return }
        let file = "\(folder)/bench-\(name)-\(width)-\(isDark ? "dark" : "light").png"
        try browser.picture().write(to: URL(fileURLWithPath: file))
    }

    /// The words in each plot that overlap others, or leave the plot.
    private static let collisions = """
        [...document.querySelectorAll('figure > svg')].flatMap(svg => {
          const frame = svg.getBoundingClientRect(), words = [...svg.querySelectorAll('text')];
          const boxes = words.map(w => w.getBoundingClientRect());
          const found = words.filter((w, i) => boxes[i].left < frame.left - 1 || boxes[i].right > frame.right + 1
            || boxes[i].top < frame.top - 1 || boxes[i].bottom > frame.bottom + 1).map(w => 'outside: ' + w.textContent);
          for (let i = 0; i < boxes.length; i++) for (let j = 0; j < i; j++)
            if (boxes[i].left < boxes[j].right && boxes[j].left < boxes[i].right
              && boxes[i].top < boxes[j].bottom && boxes[j].top < boxes[i].bottom)
              found.push(words[j].textContent + ' on ' + words[i].textContent);
          return found;
        })
        """
}
