import Foundation
import MintmarkWire
import Testing

/// More peers than the daemon has places or descriptors for: those it serves are served, the others wait, and nothing
/// spins.
@Suite struct DescriptorTests {
    /// Processor time that the daemon has used, in hundredths of a second.
    private static func ticks(of process: Int32) throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
        let words = try #require(text.split(separator: ")").last).split(separator: " ")
        return try #require(Int(words[11])) + #require(Int(words[12]))
    }

    private static func descriptorCount(of process: Int32) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd").count
    }

    /// The soft limit alone: the hard one could not be raised again.
    private static func limitDescriptors(of process: Int32, to count: Int) throws {
        let arguments = ["--pid", "\(process)", "--nofile=\(count):"]
        #expect(try run(URL(fileURLWithPath: "/usr/bin/prlimit"), arguments).exitCode == 0)
    }

    private static func ping(_ connection: RawConnection) throws {
        try connection.send(PingRequest(), id: 7)
        #expect(try connection.receive()?.header.responseKind == .ping)
    }

    /// A loop that spins uses a whole processor for as long as it does.
    private static func expectRest(of process: Int32) throws {
        let before = try ticks(of: process)
        // What is measured is how much of a stretch of time another process works.
        usleep(600_000)
        #expect(try ticks(of: process) - before < 30)
    }

    @Test func threeThousandPeersBeyondTheCapDisturbNobody() throws {
        let daemon = try DaemonProcess(configuration: "threads: 1\nlimits: {connections: 8}\n")
        let served = try (0..<8).map { _ in try RawConnection(unixPath: daemon.unixPath) }
        let waiting = PendingConnections(to: try #require(UInt16(daemon.tcpAddress.split(separator: ":")[1])))
        waiting.open(3_000)
        try Self.expectRest(of: daemon.ready.pid)
        for connection in served { try Self.ping(connection) }
        waiting.close()
        for connection in served { connection.close() }
        // Those that are gone are accepted and closed, and then there is a place again.
        try Self.ping(try RawConnection(unixPath: daemon.unixPath))
    }

    @Test func withoutDescriptorsItWaitsForSome() throws {
        let daemon = try DaemonProcess(configuration: "threads: 1\n")
        let process = daemon.ready.pid
        let served = try RawConnection(unixPath: daemon.unixPath)
        try Self.limitDescriptors(of: process, to: try Self.descriptorCount(of: process))
        let waiting = try (0..<20).map { _ in try RawConnection(unixPath: daemon.unixPath, shakesHands: false) }
        try Self.expectRest(of: process)
        try Self.ping(served)
        try Self.limitDescriptors(of: process, to: 1_024)
        for connection in waiting {
            try connection.send(HelloRequest.raw, id: 1)
            #expect(try connection.receive()?.header.responseKind == .hello)
        }
        #expect(daemon.stop() == 0)
    }

    /// Neither HTTP nor the daemon ends with an accept that fails.
    @Test func withoutDescriptorsHTTPWaits() throws {
        let daemon = try DaemonProcess(arguments: ["--admin", "127.0.0.1:0"], configuration: "threads: 1\n")
        let process = daemon.ready.pid
        let address = try #require(daemon.ready.admin)
        func ask() throws -> ProcessResult {
            let arguments = ["curl", "--silent", "--max-time", "20", "http://\(address)/livez"]
            return try run(URL(fileURLWithPath: "/usr/bin/env"), arguments)
        }
        try Self.limitDescriptors(of: process, to: try Self.descriptorCount(of: process))
        let waiting = PendingConnections(to: try #require(UInt16(address.split(separator: ":")[1])))
        waiting.open(20)
        try Self.expectRest(of: process)
        try Self.limitDescriptors(of: process, to: 1_024)
        waiting.close()
        #expect(try ask().output == "{\"live\": true}\n")
        #expect(daemon.stop() == 0)
    }

    /// The places of every HTTP listener are counted, so that those who take them all leave descriptors for the journal.
    @Test func placesOfProxiesLeaveDescriptorsForFiles() throws {
        let daemon = try DaemonProcess(
            arguments: ["--admin", "127.0.0.1:0"],
            configuration: "threads: 1\nadmin: {authz: {listen: \"127.0.0.1:0\"}}\n",
            launcher: ["/bin/sh", "-c", #"ulimit -Sn 256; exec "$@""#, "-"]
        )
        let limits = try String(contentsOfFile: "/proc/\(daemon.ready.pid)/limits", encoding: .utf8)
        let line = try #require(limits.split(separator: "\n").first { $0.hasPrefix("Max open files") })
        let soft = try #require(line.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }.first)
        // Connections, those of the admin listener and of proxies, and 64 for everything else.
        #expect(soft >= 1_024 + 128 + 512 + 64)
        #expect(daemon.stop() == 0)
    }

    /// Whoever takes all places for HTTP keeps no scrape out, and the scrape tells.
    @Test func idlePeersOfHTTPGiveWay() throws {
        let daemon = try DaemonProcess(arguments: ["--admin", "127.0.0.1:0"])
        let address = try #require(daemon.ready.admin)
        let idle = PendingConnections(to: try #require(UInt16(address.split(separator: ":")[1])))
        idle.open(128)
        let arguments = ["curl", "--silent", "--max-time", "20", "http://\(address)/metrics"]
        let metrics = try run(URL(fileURLWithPath: "/usr/bin/env"), arguments).output
        for line in ["mintmark_admin_connections_evicted_total 1", "mintmark_admin_connections_refused_total 0"] {
            #expect(metrics.contains("\n\(line)\n"), "\(line)")
        }
        idle.close()
        #expect(daemon.stop() == 0)
    }
}

/// Connections that are begun and not waited for.
private final class PendingConnections {
    private let port: UInt16
    private var descriptors: [Int32] = []

    init(to port: UInt16) {
        self.port = port
    }

    deinit {
        close()
    }

    func open(_ count: Int) {
        DescriptorLimit.raise()
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        for _ in 0..<count {
            let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
            let descriptor = socket(AF_INET, type, 0)
            guard descriptor >= 0 else { break }
            descriptors.append(descriptor)
            withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    _ = connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
        #expect(descriptors.count == count)
    }

    func close() {
        for descriptor in descriptors { Glibc.close(descriptor) }
        descriptors = []
    }
}

/// Of the tests' own process.
enum DescriptorLimit {
    /// As far as is allowed.
    static func raise() {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
