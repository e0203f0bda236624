import Glibc

/// The closed loop of `peak` against Redis: GETs of the tokens, each answered with as many bytes.
struct RedisLoad: Sendable {
    var address: ServerAddress
    var processID: Int32?
    var tokens: [[UInt8]]
    /// The size of a whole answer, its length line included.
    var answerBytes: Int
    var connections: Int
    var depth: Int
    var warmupNanoseconds: Int64
    var durationNanoseconds: Int64
    var seed: UInt64
    /// Whether to ask for answers all the time instead of sleeping until some come.
    var spins: Bool

    struct Report: Sendable {
        var completed: Int
        var measuredSeconds: Double
        /// What became of the server's cores, if its process is known.
        var serverCores: CoreShares?
        /// Which share it used of the cores it may run on.
        var serverShare: Double?
        var generatorShare: Double
        var isInterrupted: Bool
    }

    func run() throws(LoadFailure) -> Report {
        guard let answer = Self.answer(byteCount: answerBytes) else {
            throw .usage("no answer of Redis has \(answerBytes) bytes")
        }
        do throws(SystemFault) {
            try setValues(answer)
            return try measure(answer)
        } catch {
            throw .failed("Redis at \(address): \(error)")
        }
    }

    /// A bulk string of so many bytes, all in all; nil if there is none.
    static func answer(byteCount: Int) -> [UInt8]? {
        for digits in 1...7 {
            let valueCount = byteCount - digits - 5
            guard valueCount >= 0, String(valueCount).utf8.count == digits else { continue }
            return bulk([UInt8](repeating: UInt8(ascii: "v"), count: valueCount))
        }
        return nil
    }

    private static func bulk(_ bytes: [UInt8]) -> [UInt8] {
        Array("$\(bytes.count)\r\n".utf8) + bytes + Array("\r\n".utf8)
    }

    private static func command(_ name: String, _ arguments: [UInt8]...) -> [UInt8] {
        let parts = [Array(name.utf8)] + arguments
        return Array("*\(parts.count)\r\n".utf8) + parts.map(bulk).joined()
    }

    private func setValues(_ answer: [UInt8]) throws(SystemFault) {
        let lineEnd = (answer.firstIndex(of: UInt8(ascii: "\n")) ?? 0) + 1
        let value = Array(answer[lineEnd...].dropLast(2))
        let commands = tokens.map { Self.command("SET", $0, value) }
        var connection = RedisConnection(
            owning: try address.connect(),
            depth: 1,
            requestBytesMax: commands.map(\.count).max() ?? 0,
            answerBytes: 1
        )
        for command in commands {
            command.withUnsafeBytes { connection.append($0) }
            while connection.hasOutput { try connection.flush() }
            while try connection.receive(Array("+OK\r\n".utf8)) == 0 {}
        }
    }

    private func measure(_ answer: [UInt8]) throws(SystemFault) -> Report {
        let requests = tokens.map { Self.command("GET", $0) }
        let requestBytesMax = requests.map(\.count).max() ?? 0
        let poller = try Poller(eventsMax: connections)
        var descriptors: [Int32] = []
        for _ in 0..<connections { descriptors.append(try address.connect()) }
        let links = UnsafeMutableBufferPointer<RedisConnection>.allocate(capacity: connections)
        for (index, descriptor) in descriptors.enumerated() {
            let link = RedisConnection(
                owning: descriptor,
                depth: depth,
                requestBytesMax: requestBytesMax,
                answerBytes: answer.count
            )
            links.initializeElement(at: index, to: link)
        }
        defer {
            links.deinitialize()
            links.deallocate()
        }
        for index in links.indices { try poller.add(links[index].descriptor, tag: index) }
        return try loop(links, poller, requests, answer)
    }

    private func loop(
        _ links: UnsafeMutableBufferPointer<RedisConnection>,
        _ poller: borrowing Poller,
        _ requests: [[UInt8]],
        _ answer: [UInt8]
    ) throws(SystemFault) -> Report {
        let process = processID.map { ServerProcess(processID: $0) }
        var random = SeededRandom(seed: seed)
        var completed = 0
        let start = MonotonicClock.now()
        let (measuredFrom, end) = (start + warmupNanoseconds, start + warmupNanoseconds + durationNanoseconds)
        let (usageBefore, threadBefore) = (process?.usage(), ProcessorTime.ofThread())
        for index in links.indices {
            try ask(&links[index], depth, requests, &random)
        }
        var now = start
        while now < end, !Interruption.isRequested {
            let events = poller.wait(nanosecondsMax: spins ? 0 : min(end - now, 100_000_000))
            now = MonotonicClock.now()
            for place in 0..<events {
                let index = poller[place].tag
                let answers = try links[index].receive(answer)
                if now >= measuredFrom, now < end { completed += answers }
                try ask(&links[index], answers, requests, &random)
            }
        }
        let seconds = Double(MonotonicClock.now() - start) / 1e9
        let cores = usageBefore.flatMap { before in
            process?.usage().flatMap { CoreShares(from: before, to: $0, seconds: seconds) }
        }
        return Report(
            completed: completed,
            measuredSeconds: Double(max(0, min(now, end) - measuredFrom)) / 1e9,
            serverCores: cores,
            serverShare: cores.flatMap { cores in process?.processorsAllowed.map { cores.used / Double($0) } },
            generatorShare: Double(ProcessorTime.ofThread() - threadBefore) / 1e9 / seconds,
            isInterrupted: now < end
        )
    }

    /// Sends so many requests for tokens at random. What the socket does not take is sent with the next ones: the depth
    /// is far below what sockets hold.
    private func ask(
        _ link: inout RedisConnection,
        _ count: Int,
        _ requests: [[UInt8]],
        _ random: inout SeededRandom
    ) throws(SystemFault) {
        for _ in 0..<count {
            requests[random.below(requests.count)].withUnsafeBytes { link.append($0) }
        }
        try link.flush()
    }
}
