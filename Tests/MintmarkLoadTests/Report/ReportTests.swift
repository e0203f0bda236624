import Glibc
import Testing

@testable import MintmarkLoad

@Suite("Reports")
struct ReportTests {
    @Test(
        "numbers for people",
        arguments: [
            Row("zero", (0, 0), "0"),
            Row("thousands", (1_234_567.8, 0), "1 234 568"),
            Row("a decimal", (1_234.06, 1), "1 234.1"),
            Row("zeros behind the point", (2.051, 2), "2.05"),
            Row("below one", (0.04, 1), "0.0"),
            Row("no number", (Double.nan, 1), "n/a"),
        ] as [Row<(Double, Int), String>]
    )
    func numbers(row: Row<(Double, Int), String>) {
        #expect(Text.number(row.given.0, decimals: row.given.1) == row.expected)
    }

    @Test(
        "JSON",
        arguments: [
            Row("null", .null, "null"),
            Row("a decimal", .number(1.23456), "1.235"),
            Row("no number", .number(.infinity), "null"),
            Row("absent numbers", .array([.number(nil), .integer(nil)]), "[\n  null,\n  null\n]"),
            Row("a string", .string("a\"b\\c\n"), "\"a\\\"b\\\\c\\u000a\""),
            Row("nothing inside", .object([]), "{}"),
            Row("members", .object([("b", .bool(true)), ("a", .integer(1))]), "{\n  \"b\": true,\n  \"a\": 1\n}"),
        ] as [Row<JSONValue, String>]
    )
    func json(row: Row<JSONValue, String>) {
        #expect(row.given.text == row.expected)
    }

    @Test(
        "server addresses",
        arguments: [
            Row("an IPv4 address", "127.0.0.1:7420", "127.0.0.1:7420"),
            Row("an IPv6 address", "[::1]:7420", "[::1]:7420"),
            Row("a name", "localhost:1", "localhost:1"),
            Row("no port", "localhost", nil),
            Row("port zero", "localhost:0", nil),
            Row("a port too great", "localhost:65536", nil),
            Row("an IPv6 address without brackets", "::1:7420", nil),
            Row("no host", ":7420", nil),
        ] as [Row<String, String?>]
    )
    func addresses(row: Row<String, String?>) {
        #expect(ServerAddress(server: row.given)?.description == row.expected)
    }

    @Test("what is not known of the server's process is told, with what brings it")
    func unknownProcess() throws {
        let plan = try VirtualRun.plan(ratePerSecond: 2_000, seconds: 2)
        var report = try VirtualRun.report(plan, VirtualServer(threads: .max) { _ in 1_000_000 })
        let unknown = "server      processors and memory are not known: "
        #expect(report.text.contains("\n\(unknown)--server-pid names its process, --unix finds it\n"))
        report.server.process = ServerProcess(processID: 7)
        #expect(report.text.contains("\n\(unknown)process 7 is not to be seen here\n"))
        let usage = try #require(ServerProcess(processID: getpid()).usage())
        (report.server.usageBefore, report.server.usageAfter) = (usage, usage)
        #expect(!report.text.contains(unknown))
    }

    @Test(
        "the path of a Unix socket has 1 to 107 bytes",
        arguments: [(0, false), (1, true), (107, true), (108, false)]
    )
    func unixPaths(length: Int, isGood: Bool) {
        #expect((ServerAddress(unixPath: String(repeating: "a", count: length)) != nil) == isGood)
    }
}
