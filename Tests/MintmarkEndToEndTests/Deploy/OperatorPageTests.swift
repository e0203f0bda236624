import Foundation
import Testing

/// `Tools/deploy/README.md`: its commands are ones, its links lead somewhere, and it tells of every exit code and alert.
/// `Tools/try-package` runs its blocks of commands on a system of its own.
@Suite("The operators' page") struct OperatorPageTests {
    private let folder = BuiltProducts.repository.appendingPathComponent("Tools/deploy")
    private let page: String

    init() throws {
        page = try String(contentsOf: folder.appendingPathComponent("README.md"), encoding: .utf8)
    }

    private var blocks: [String] {
        page.matches(of: /```sh\n((?:[^`]|`(?!``))*)```/).map { String($0.1) }
    }

    /// The command lines of a program, in blocks and in the text, that are whole: as words.
    private func commands(_ program: String) -> [[String]] {
        let inText = page.matches(of: /`([^`\n]+)`/).map { String($0.1) }
        let lines = blocks.flatMap { $0.split(separator: "\n").map(String.init) } + inText
        return lines.compactMap { line in
            // What stands behind other words, or between parentheses.
            let pattern = #/(?:^|-- |\$\()(mintmark[a-z-]*) ([^|)]+)/#
            guard let match = line.firstMatch(of: pattern), match.1 == program else { return nil }
            return match.2.split(separator: " ").map { $0.filter { $0 != "\"" } }
        }
    }

    @Test func blocksAreShell() throws {
        #expect(blocks.count >= 8)
        for block in blocks {
            let result = try run(URL(fileURLWithPath: "/bin/bash"), ["-n"], input: block)
            #expect(result.exitCode == 0, "\(block)\n\(result)")
        }
    }

    /// The program takes each as far as a server: 3 is that there is none, and 2 would be wrong usage.
    @Test func commandsOfTheCommandLineAreUnderstood() throws {
        let commands = commands("mintmark")
        #expect(commands.count >= 8)
        for words in commands {
            let arguments = words.map { ["mintmark": "0", "$KID": "k1", "KID": "k1"][$0] ?? $0 }
            let result = try run(
                BuiltProducts.mintmark,
                arguments,
                environment: ["MINTMARK_UNIX": "/nowhere/mintmark.sock"]
            )
            #expect(result.exitCode == 3, "\(words): \(result)")
        }
    }

    /// Every example of a proxy takes the token away that the daemon has judged.
    @Test func noProxyHandsTheTokenOn() throws {
        let nginx = try String(contentsOf: folder.appendingPathComponent("examples/nginx.conf"), encoding: .utf8)
        #expect(nginx.contains("\n        proxy_set_header Authorization \"\";\n        proxy_pass "))
        let section = page.components(separatedBy: "\n## ").first { $0.hasPrefix("Beside a proxy\n") }
        let proxies = try #require(section)
        let examples = proxies.matches(of: #/\n\*\*(\w+)\*\* [^\n]*\n\n```\w*\n((?:.|\n)*?)```/#)
        #expect(examples.map { String($0.1) } == ["Traefik", "Caddy"])
        let traefik = try #require(examples.first).2
        let taken = "without-token:\n      headers:\n        customRequestHeaders:\n          Authorization: \"\"\n"
        #expect(traefik.contains(taken))
        #expect(traefik.contains("middlewares: [mintmark, without-token]"))
        let caddy = try #require(examples.last).2
        #expect(caddy.contains("reverse_proxy 127.0.0.1:8000 {\n\t\theader_up -Authorization\n"))
    }

    /// Sizing is made of what was measured: no figure of the page is further from the README's than a third, as runs on a
    /// shared machine differ by a fifth. `Tools/measure` writes those there; what it has not written yet cannot be compared.
    @Test func sizingFollowsFromTheMeasuredFigures() throws {
        let readme = try String(
            contentsOf: BuiltProducts.repository.appendingPathComponent("README.md"),
            encoding: .utf8
        )
        let section = try #require(page.components(separatedBy: "\n## ").first { $0.hasPrefix("Sizing\n") })
        let titles = [
            "SIGN": "tokens signed in a second",
            "VERIFY of an unknown token": "unknown tokens verified in a second",
            "VERIFY of a known token": "known tokens verified in a second, with claims",
            "VERIFY of a known token, one at a time":
                "known tokens verified in a second, with claims, one request underway on each connection",
            "REFRESH, synced": "refreshes in a second, each synced to the disk",
            "a session in memory": "resident bytes for each session",
            "a token in the cache": "bytes of a token in the cache",
            "a connection": "bytes of private memory for a connection",
            "a connection with TLS": "bytes of private memory for a connection with TLS",
            "a refresh in the journal": "bytes in the journal for a refresh",
            "a session in a snapshot": "bytes in a snapshot for a session",
        ]
        let rows = section.matches(of: #/\n\| ([^|]+) \| ([0-9 .]+) (µs|bytes) \| `/#)
        #expect(Set(rows.map { String($0.1) }) == Set(titles.keys))
        var comparedCount = 0
        for row in rows {
            let title = try #require(titles[String(row.1)])
            let ours = readme.matches(of: #/\n\| ([^|]+) \| ([0-9 .]+) \|/#).first { $0.1 == title }
            let digits = { (text: Substring) in Double(text.filter { $0 != " " }) }
            guard let measured = ours.flatMap({ digits($0.2) }), let told = digits(row.2) else {
                continue
            }
            let expected = row.3 == "µs" ? 1_000_000 / measured : measured
            #expect(abs(told / expected - 1) <= 1.0 / 3, "\(row.1): \(told) told, \(expected) measured")
            comparedCount += 1
        }
        #expect(comparedCount >= 6)
    }

    /// Traefik's settings are ones that its reference of the file provider has, and what they name is there.
    @Test func theExampleForTraefikIsWhole() throws {
        let shown = try #require(page.firstMatch(of: #/\n\*\*Traefik\*\* [^\n]*\n\n```yaml\n((?:.|\n)*?)```/#)).1
        let script = "import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin)))"
        let result = try run(URL(fileURLWithPath: "/usr/bin/python3"), ["-c", script], input: String(shown))
        #expect(result.exitCode == 0, "\(result)")
        func mapping(_ value: Any?) throws -> [String: Any] { try #require(value as? [String: Any]) }
        let http = try mapping(result.json["http"])
        #expect(Set(http.keys) == ["middlewares", "routers", "services"])
        let middlewares = try mapping(http["middlewares"])
        let forwardAuth = try mapping(try mapping(middlewares["mintmark"])["forwardAuth"])
        let documented: Set = [
            "address", "trustForwardHeader", "authResponseHeaders", "authResponseHeadersRegex", "authRequestHeaders",
        ]
        #expect(documented.isSuperset(of: forwardAuth.keys))
        #expect(forwardAuth["authRequestHeaders"] as? [String] == ["Authorization"])
        let names = ["Issuer", "Subject", "Client-Id", "Scope", "Audience", "Expires"].map { "X-Auth-\($0)" }
        #expect(forwardAuth["authResponseHeaders"] as? [String] == names)
        for router in try mapping(http["routers"]).values {
            let router = try mapping(router)
            #expect(Set(router["middlewares"] as? [String] ?? []) == Set(middlewares.keys))
            let service = try #require(router["service"] as? String)
            #expect(try mapping(http["services"])[service] != nil)
        }
    }

    /// The daemon's, with files that are there in the place of those of the package.
    @Test func commandsOfTheDaemonAreUnderstood() throws {
        let commands = commands("mintmarkd")
        #expect(commands.count >= 5)
        for words in commands {
            let arguments = words.map {
                $0 == "/etc/mintmark/mintmark.yaml" ? folder.appendingPathComponent("mintmark.yaml").path : $0
            }
            let result = try run(BuiltProducts.mintmarkd, arguments)
            // What is about a store says that there is none.
            let expected: Int32 = ["check", "rekey"].contains(words[0]) ? 4 : 0
            #expect(result.exitCode == expected, "\(words): \(result)")
        }
    }

    @Test func linksLeadSomewhere() throws {
        let links = page.matches(of: /\]\(([^)]+)\)/).map { String($0.1) }
        #expect(links.count >= 15)
        for link in links {
            let parts = link.split(separator: "#", omittingEmptySubsequences: false).map(String.init)
            let target =
                parts[0].isEmpty
                ? page
                : try String(
                    contentsOf: folder.appendingPathComponent(parts[0]),
                    encoding: .utf8
                )
            if parts.count == 2 {
                #expect(Self.anchors(of: target).contains(parts[1]), "\(link)")
            }
        }
    }

    /// The anchors of headings, as Markdown makes them.
    static func anchors(of document: String) -> Set<String> {
        Set(
            document.split(separator: "\n").filter { $0.hasPrefix("#") }.map { line in
                line.drop { $0 == "#" }.dropFirst().lowercased().filter {
                    $0.isLetter || $0.isNumber || " -".contains($0)
                }
                .replacingOccurrences(of: " ", with: "-")
            }
        )
    }

    @Test func everyAlertHasAHeading() throws {
        let rules = try String(contentsOf: folder.appendingPathComponent("prometheus/rules.yaml"), encoding: .utf8)
        let anchors = Self.anchors(of: page)
        for match in rules.matches(of: /runbook: (\S+)#(\S+)/) {
            #expect(anchors.contains(String(match.2)), "\(match.2)")
            #expect(match.1 == "/usr/share/doc/mintmark/README.md")
        }
        let alerts = Set(rules.matches(of: /- alert: (\w+)/).map { $0.1.lowercased() })
        #expect(anchors.filter { $0.hasPrefix("mintmark") } == alerts)
    }

    @Test func everyExitCodeIsTold() throws {
        let help = try run(BuiltProducts.mintmarkd, ["--help"]).output
        let told = try #require(help.split(separator: "Exit codes:").last?.split(separator: "\n\n").first)
        let codes = told.matches(of: #/(?:^|[ ,\n])([0-9]+) /#).map { String($0.1) }
        #expect(codes.count >= 4)
        for code in codes {
            #expect(page.contains("\n| \(code) | "), "\(code)")
        }
        let unit = try ServiceUnit()
        for code in unit.value("RestartPreventExitStatus")?.split(separator: " ") ?? [] {
            let row = page.split(separator: "\n").first { $0.hasPrefix("| \(code) | ") }
            #expect(row?.contains(" | no | ") == true, "\(code)")
        }
    }

    @Test func everyAnswerIsOneOfTheProtocol() throws {
        let registry = try String(
            contentsOf: BuiltProducts.repository.appendingPathComponent("Protocol/registry.json"),
            encoding: .utf8
        )
        let answers = page.matches(of: /\n\| `([A-Z_]+)` \|/).map { String($0.1) }
        #expect(answers.count >= 10)
        for answer in answers {
            #expect(registry.contains("\"\(answer)\""), "\(answer)")
        }
    }
}
