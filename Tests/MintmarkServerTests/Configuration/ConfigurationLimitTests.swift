import Foundation
import Testing

@testable import MintmarkServer

@Suite("The range of every setting")
struct ConfigurationLimitTests {
    /// A setting with values just inside and just outside both ends of its range.
    struct Range: Sendable, CustomTestStringConvertible {
        let setting: String
        let inside: [String]
        let outside: [String]

        var testDescription: String { setting }
    }

    private static let timeoutInside = ["10ms", "11ms", "299999ms", "300s", "5m"]
    private static let timeoutOutside = ["9ms", "300001ms", "301s", "6m"]
    private static let lifetimeInside = ["1s", "2s", "3649d"]
    private static let lifetimeOutside = ["0s", "999ms", "1500ms", "3651d", "315360001s"]

    private static let ranges = [
        Range(setting: "threads", inside: ["1", "2", "255", "256"], outside: ["0", "257"]),
        Range(
            setting: "limits.frame_length",
            inside: ["16384", "16385", "16KiB", "1048575", "1MiB"],
            outside: ["16383", "15KiB", "1048577", "2MiB"]
        ),
        Range(setting: "limits.in_flight", inside: ["1", "2", "65534", "65535"], outside: ["0", "65536"]),
        Range(setting: "limits.connections", inside: ["1", "2", "1048575", "1048576"], outside: ["0", "1048577"]),
        Range(
            setting: "limits.memory",
            inside: ["1048576", "1048577", "1MiB", "68719476735", "68719476736", "64GiB"],
            outside: ["0", "1048575", "1023KiB", "68719476737", "65GiB"]
        ),
        Range(
            setting: "limits.queue_time",
            inside: ["1ms", "2ms", "59999ms", "60s", "1m"],
            outside: ["0s", "60001ms", "61s"]
        ),
        Range(
            setting: "admin.authz.listen",
            inside: ["127.0.0.1:0", "127.0.0.1:65535"],
            outside: ["127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1"]
        ),
        Range(
            setting: "admin.authz.client",
            inside: ["a", String(repeating: "a", count: 64)],
            outside: ["''", String(repeating: "a", count: 65)]
        ),
        Range(setting: "limits.handshake_timeout", inside: timeoutInside, outside: timeoutOutside),
        Range(setting: "limits.frame_timeout", inside: timeoutInside, outside: timeoutOutside),
        Range(setting: "limits.write_timeout", inside: timeoutInside, outside: timeoutOutside),
        Range(setting: "limits.shutdown_timeout", inside: timeoutInside, outside: timeoutOutside),
        Range(
            setting: "tokens.leeway",
            inside: ["0s", "0ms", "1s", "1000ms", "299s", "300s", "5m"],
            outside: ["999ms", "1001ms", "301s", "6m"]
        ),
        Range(
            setting: "tokens.cache_size",
            inside: ["0", "0KiB", "1", "68719476735", "68719476736", "64GiB"],
            outside: ["68719476737", "65GiB"]
        ),
        Range(setting: "sessions.max", inside: ["1", "2", "99999999", "100000000"], outside: ["0", "100000001"]),
        Range(
            setting: "sessions.cut_offs_max",
            inside: ["1", "2", "9999999", "10000000"],
            outside: ["0", "10000001"]
        ),
        Range(
            setting: "sessions.sweep_interval",
            inside: ["10ms", "11ms", "3599999ms", "1h"],
            outside: ["9ms", "3600001ms", "2h"]
        ),
        Range(
            setting: "storage.durability",
            inside: ["always", "snapshot", "interval:1ms", "interval:2ms", "interval:3599999ms", "interval:1h"],
            outside: ["interval:0s", "interval:3600001ms", "interval:2h", "interval", "never", "1s"]
        ),
        Range(
            setting: "storage.snapshot_interval",
            inside: ["100ms", "101ms", "86399999ms", "24h", "1d"],
            outside: ["99ms", "86400001ms", "25h"]
        ),
        Range(
            setting: "storage.segment_size",
            inside: ["2097152", "2097153", "2MiB", "67108863", "64MiB"],
            outside: ["2097151", "1MiB", "67108865", "65MiB"]
        ),
        Range(setting: "clients.local.rotation.after", inside: lifetimeInside, outside: lifetimeOutside),
        Range(
            setting: "clients.local.rotation.after_fraction",
            inside: ["0.001", "0.002", "0.7", "0.70", "0.998", "0.999"],
            outside: [
                "0", "0.0", "0.000", "0.0001", "0.9991", "1.0", "1", "0.", ".7", "70%", "7e-1", "0.7a", "-0.7", "nan",
            ]
        ),
        Range(
            setting: "clients.local.grace.window",
            inside: ["0s", "1ms", "8639999ms", "144m"],
            outside: ["8640001ms", "145m"]
        ),
        Range(setting: "clients.local.grace.uses", inside: ["0", "1", "65534", "65535"], outside: ["-1", "65536"]),
        Range(
            setting: "clients.local.grace.streak",
            inside: ["off", "1", "2", "65534", "65535"],
            outside: ["0", "65536", "on"]
        ),
        Range(
            setting: "clients.local.access_token_ttl",
            inside: ["1s", "2s", "86399s", "24h", "1d"],
            outside: ["0s", "999ms", "1500ms", "86401s", "25h"]
        ),
        Range(setting: "clients.local.idle", inside: lifetimeInside, outside: lifetimeOutside),
        Range(setting: "clients.local.absolute", inside: lifetimeInside + ["3650d"], outside: lifetimeOutside),
        Range(
            setting: "clients.local.ttl_jitter",
            inside: ["0%", "1%", "49%", "50%"],
            outside: ["51%", "-1%", "5", "0.5%", "'%'"]
        ),
        Range(
            setting: "clients.local.sessions_per_subject.max",
            inside: ["unlimited", "1", "2", "999999", "1000000"],
            outside: ["0", "1000001", "off"]
        ),
        Range(
            setting: "clients.local.permissions.admin",
            inside: ["true", "false"],
            outside: ["yes", "1", "True", "'true'", "[true]"]
        ),
        rate("sign"), rate("verify"), rate("open"), rate("refresh"), rate("revoke"), rate("introspect"), rate("keys"),
        rate("stats"), rate("admin"),
        Range(setting: "unix", inside: ["u", text(106), text(107)], outside: [text(108)]),
        Range(
            setting: "admin.listen",
            inside: ["off", "127.0.0.1:0", "127.0.0.1:65535"],
            outside: ["on", "127.0.0.1:65536", "127.0.0.1:-1"]
        ),
        Range(setting: "issuer", inside: ["i", text(255), text(256), "\u{A0}\u{20AC}"], outside: [text(257)]),
        Range(
            setting: "tokens.type",
            inside: ["J", text(63), text(64), "at+jwt"],
            outside: [text(65), "a b", "ä", "\"\""]
        ),
        Range(setting: "ready_file", inside: ["r", text(4094), text(4095)], outside: [text(4096)]),
        Range(setting: "audit_file", inside: ["a", text(4094), text(4095)], outside: [text(4096)]),
        Range(setting: "data_directory", inside: ["d", text(4095)], outside: [text(4096)]),
        Range(setting: "tls.certificate", inside: ["d", text(4095)], outside: [text(4096)]),
        Range(setting: "tls.private_key", inside: ["d", text(4095)], outside: [text(4096)]),
        Range(setting: "tls.client_ca", inside: ["d", text(4095)], outside: [text(4096)]),
        Range(setting: "tokens.signing_key_file", inside: ["d", text(4095)], outside: [text(4096)]),
        Range(setting: "tokens.signing_key_passphrase_file", inside: ["d", text(4095)], outside: [text(4096)]),
        Range(setting: "keys.directory", inside: ["d", text(4095)], outside: [text(4096)]),
        Range(setting: "keys.passphrase_file", inside: ["d", text(4095)], outside: [text(4096)]),
        Range(
            setting: "keys.rotation",
            inside: ["never", "1h", "3601s", "3649d", "3650d"],
            outside: ["0s", "59m", "3599s", "3600001ms", "3651d", "always"]
        ),
        Range(
            setting: "keys.jwks_cache",
            inside: ["0s", "1s", "29d", "30d"],
            outside: ["999ms", "31d", "2592001s"]
        ),
        Range(setting: "sessions.master_key_file", inside: ["d", text(4095)], outside: [text(4096)]),
    ]

    private static func rate(_ name: String) -> Range {
        Range(
            setting: "clients.local.rates.\(name)",
            inside: ["unlimited", "1/s", "2/m", "999999/h", "1000000/s burst 1", "1/s burst 1000000"],
            outside: [
                "0/s", "1000001/s", "1", "1/d", "1/s burst 0", "1/s burst 1000001", "1/s burst", "1/s  burst 1", "1 /s",
                "-1/s", "1/s bursts 1", "1/s burst 1 2",
            ]
        )
    }

    private static func text(_ count: Int) -> String {
        String(repeating: "x", count: count)
    }

    @Test(arguments: ranges)
    func bothEndsHold(range: Range) {
        for value in range.inside {
            #expect(faultsOfType(of: range.setting, value).isEmpty)
        }
        for value in range.outside {
            #expect(faultsOfType(of: range.setting, value).count == 1)
        }
    }

    /// What the value's own type has against it; what other settings have against it does not count here.
    private func faultsOfType(of setting: String, _ value: String) -> [String] {
        let keys = setting.split(separator: ".")
        let yaml = keys.map { "{\($0): " }.joined() + value + String(repeating: "}", count: keys.count)
        return faults(yaml).filter { $0.contains("\(setting): expected ") }
    }

    @Test func everySettingWithARangeHasARow() {
        let tested = Set(Self.ranges.map(\.setting))
        let ranged = Settings.reference.filter { $0.type != "choice" && !$0.isList }.map(\.name)
        #expect(Set(ranged) == tested)
    }

    @Test(arguments: [
        "00s", "01s", "1 s", "1S", "s", "-1s", "+1s", "1.5s", "1s1s", "1h30m", "1us", "10", "٣s",
        "99999999999999999999s",
        "9223372036854775807d", "1_0s",
    ])
    func durationsHaveOneNumberAndOneUnit(text: String) {
        #expect(faultsOfType(of: "limits.frame_timeout", text).count == (text == "01s" ? 0 : 1))
    }

    @Test(arguments: ["64K", "64KB", "64kib", "64 KiB", "KiB", "0x10000", "1e6", "-65536", "9223372036854775807GiB"])
    func sizesHaveABinaryUnitOrNone(text: String) {
        #expect(faultsOfType(of: "limits.frame_length", text).count == 1)
    }

    /// Defaults and ceilings that the protocol's registry names are those of the settings.
    @Test(arguments: [
        ("frame_length_max", "limits.frame_length"),
        ("in_flight_max", "limits.in_flight"),
        ("connections_max", "limits.connections"),
        ("handshake_timeout_seconds", "limits.handshake_timeout"),
        ("frame_timeout_seconds", "limits.frame_timeout"),
    ])
    func limitsAreThoseOfTheProtocol(limit: String, setting: String) throws {
        let root = URL(fileURLWithPath: #filePath).pathComponents.dropLast(4).joined(separator: "/")
        let data = try Data(contentsOf: URL(fileURLWithPath: "\(root)/Protocol/registry.json"))
        let registry = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let limits = try #require(registry["limits"] as? [[String: Any]])
        let row = try #require(limits.first { $0["name"] as? String == limit })
        let ceiling = try #require(row["ceiling"] as? Int)
        let unit = limit.hasSuffix("seconds") ? "s" : ""
        let effective = try #require(try load().effective.first { $0.name == setting })
        let same =
            "{\(setting.split(separator: ".").joined(separator: ": {")): \(try #require(row["default"] as? Int))\(unit)}}"
        #expect(try load(same).effective.first { $0.name == setting }?.value == effective.value)
        #expect(faultsOfType(of: setting, "\(ceiling)\(unit)").isEmpty)
        #expect(faultsOfType(of: setting, "\(ceiling + 1)\(unit)").count == 1)
    }
}
