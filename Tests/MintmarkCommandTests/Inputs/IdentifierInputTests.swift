import MintmarkClient
import Testing

@testable import MintmarkCommand

@Suite("Servers, sessions and attempts among the arguments")
struct IdentifierInputTests {
    @Test(
        "a server is a host and a port",
        arguments: [
            Row("IPv4", "127.0.0.1:7420", .tcp(host: "127.0.0.1", port: 7420)),
            Row("a name", "localhost:1", .tcp(host: "localhost", port: 1)),
            Row("IPv6", "[::1]:7420", .tcp(host: "::1", port: 7420)),
            Row("the greatest port but one", "a:65534", .tcp(host: "a", port: 65_534)),
            Row("the greatest port", "a:65535", .tcp(host: "a", port: 65_535)),
            Row("one above", "a:65536", nil),
            Row("port 0", "a:0", nil),
            Row("no port", "localhost", nil),
            Row("an empty port", "localhost:", nil),
            Row("a signed port", "localhost:+1", nil),
            Row("a port of letters", "localhost:http", nil),
            Row("no host", ":7420", nil),
            Row("IPv6 without brackets", "::1:7420", nil),
            Row("brackets around something else", "[localhost]:7420", nil),
            Row("a bracket too few", "[::1:7420", nil),
            Row("a URL", "http://localhost:7420", nil),
            Row("space", "local host:7420", nil),
            Row("nothing", "", nil),
        ] as [Row<String, Endpoint?>]
    )
    func server(row: Row<String, Endpoint?>) {
        let input = try? Endpoint(server: row.given)
        #expect(input == row.expected)
    }

    @Test(
        "a socket's path has 1 to 107 bytes",
        arguments: [(0, false), (1, true), (106, true), (107, true), (108, false)]
    )
    func unixPath(count: Int, isTaken: Bool) {
        let path = String(repeating: "a", count: count)
        let input = try? Endpoint(unixPath: path)
        #expect(input == (isTaken ? .unixSocket(path: path) : nil))
    }

    @Test(
        "a session id is hexadecimal, or a sid claim",
        arguments: [
            Row("hexadecimal", "000102030405060708090a0b0c0d0e0f", Array(0..<16)),
            Row("in capital letters", "000102030405060708090A0B0C0D0E0F", Array(0..<16)),
            Row("a sid claim", "AAECAwQFBgcICQoLDA0ODw", Array(0..<16)),
            Row("a byte less", "000102030405060708090a0b0c0d0e", nil),
            Row("a byte more", "000102030405060708090a0b0c0d0e0f10", nil),
            Row("half a byte more", "000102030405060708090a0b0c0d0e0f1", nil),
            Row("another letter", "g00102030405060708090a0b0c0d0e0f", nil),
            Row("padding", "AAECAwQFBgcICQoLDA0ODw==", nil),
            Row("nothing", "", nil),
        ] as [Row<String, [UInt8]?>]
    )
    func sessionID(row: Row<String, [UInt8]?>) {
        let input = try? SessionID(argument: row.given)
        #expect(input?.bytes == row.expected)
    }

    @Test(
        "an attempt id is hexadecimal",
        arguments: [
            Row("16 bytes", "000102030405060708090a0b0c0d0e0f", Array(0..<16)),
            Row("15 bytes", "000102030405060708090a0b0c0d0e", nil),
            Row("17 bytes", "000102030405060708090a0b0c0d0e0f10", nil),
            Row("base64url", "AAECAwQFBgcICQoLDA0ODw", nil),
        ] as [Row<String, [UInt8]?>]
    )
    func attemptID(row: Row<String, [UInt8]?>) {
        let input = try? AttemptID(argument: row.given)
        #expect(input?.bytes == row.expected)
    }

    @Test("a session id is written as it is read")
    func hexadecimal() throws {
        let text = "000102030405060708090a0b0c0d0e0f"
        let id = try SessionID(argument: text)
        #expect(id.hexadecimal == text)
    }
}
