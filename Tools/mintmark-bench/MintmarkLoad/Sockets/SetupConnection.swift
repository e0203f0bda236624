import Glibc
import MintmarkWire

/// A connection that asks and waits: for what is needed before and behind a measurement.
///
/// Confined to the thread that made it.
final class SetupConnection {
    /// What the server agreed to.
    let hello: HelloResponse

    private let link: FrameLink

    /// Connects and shakes hands.
    ///
    /// - Parameters:
    ///   - nanosecondsMax: How long each step may take, and each answer.
    ///   - onStep: Told of each step when it is done.
    init(
        to address: ServerAddress,
        nanosecondsMax: Int64 = ServerAddress.openNanosecondsMax,
        onStep: (HandshakeStep) -> Void = { _ in }
    ) throws(LoadFailure) {
        do throws(SystemFault) {
            let stream = try address.open(nanosecondsMax: nanosecondsMax) { onStep(.connect) }
            link = FrameLink(owning: stream, answerNanosecondsMax: nanosecondsMax)
        } catch {
            let errorClass = ErrorClass(connecting: error)
            let isNobodyThere = [ECONNREFUSED, ENOENT].contains(error.code)
            let advice = "; is mintmarkd running there? --server, --unix and --tls name other places"
            let message = "\(errorClass.name): cannot connect to \(address): \(error)\(isNobodyThere ? advice : "")"
            throw .unreachable(message).of(errorClass)
        }
        if address.transport == "tls" { onStep(.secure) }
        do throws(LoadFailure) {
            hello = try SetupConnection.greet(link, address)
        } catch {
            throw error.whileGreeting(address, nanosecondsMax: nanosecondsMax)
        }
        onStep(.greet)
    }

    private static func greet(
        _ link: FrameLink,
        _ address: ServerAddress
    ) throws(LoadFailure) -> HelloResponse {
        var random = SystemRandomNumberGenerator()
        let request = HelloRequest(
            lowestVersion: ProtocolIdentity.version,
            highestVersion: ProtocolIdentity.version,
            clientName: "mintmark-bench",
            clientNonce: (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        )
        try link.send(request, requestID: 1)
        let hello = try link.receive(HelloRequest.self, requestID: 1)
        guard hello.authenticationRequired else { return hello }
        guard let identity = address.identity, let binding = link.authBinding else {
            throw .unreachable("\(address) asks for authentication: give --client and --client-key")
        }
        let auth = identity.request(binding, hello: try frame(of: request), helloAnswer: link.lastFrame)
        try link.send(auth, requestID: 1)
        _ = try link.receive(AuthRequest.self, requestID: 1)
        return hello
    }

    private static func frame(of hello: HelloRequest) throws(LoadFailure) -> [UInt8] {
        var writer = FrameWriter(lengthMax: Limits.helloLengthMax)
        do throws(WireError) {
            try hello.encode(requestID: 1, into: &writer)
        } catch {
            throw .usage("HELLO is too long: \(error)")
        }
        return writer.bytes
    }

    /// Gives the stream away; this value is of no use any more.
    func takeStream() -> ServerStream { link.takeStream() }

    /// Version and cipher of TLS; nil in clear.
    var tlsSession: String? { link.tlsSession }

    /// The process at the other end of a Unix socket.
    var peerProcessID: Int32? { link.peerProcessID }

    /// Waits for each further answer no longer than this.
    func limitWaiting(nanoseconds: Int64) { link.limitWaiting(nanoseconds: nanoseconds) }
}

extension SetupConnection {
    /// How many requests are underway at once when there are many: answers to them all fit into a socket's buffer, so
    /// that neither side ever waits for the other to read.
    private static let batchMax = 64

    /// Asks once.
    func ask<Request: WireRequest>(_ request: Request) throws(LoadFailure) -> Request.Response {
        try link.send(request, requestID: 1)
        return try link.receive(Request.self, requestID: 1)
    }

    /// Asks `count` times, and hands each answer over with the number of its request. Answers come in any order.
    func askEach<Request: WireRequest>(
        _ count: Int,
        _ request: (Int) -> Request,
        _ take: (Int, Request.Response) throws(LoadFailure) -> Void
    ) throws(LoadFailure) {
        for start in stride(from: 0, to: count, by: Self.batchMax) {
            var due = Array(start..<min(count, start + Self.batchMax))
            var repetitions = 0
            while !due.isEmpty {
                guard !Interruption.isRequested else { throw .interrupted }
                due = try askOnce(due, from: start, isLast: repetitions == Self.repetitionsMax, request, take)
                repetitions += 1
            }
        }
    }

    /// How often a request is made again that a server has no time for.
    private static let repetitionsMax = 50

    /// Asks those at once; returns those that the server has no time for, after the pause that it wants.
    private func askOnce<Request: WireRequest>(
        _ numbers: [Int],
        from start: Int,
        isLast: Bool,
        _ request: (Int) -> Request,
        _ take: (Int, Request.Response) throws(LoadFailure) -> Void
    ) throws(LoadFailure) -> [Int] {
        for number in numbers {
            try link.queue(request(number), requestID: UInt32(number - start + 1))
        }
        try link.flush()
        var again: [Int] = []
        var pauseMilliseconds: UInt32 = 0
        for _ in numbers {
            let (id, answer) = try link.receiveAnswer(Request.self)
            let number = start + Int(id) - 1
            guard numbers.contains(number) else {
                throw .wrongAnswer("an answer to request \(id), which was not made")
            }
            switch answer {
            case .response(let response):
                try take(number, response)
            case .refusal(let error) where error.status == StatusCode(.busy) && !isLast:
                again.append(number)
                pauseMilliseconds = max(pauseMilliseconds, min(error.retryAfterMilliseconds ?? 50, 1_000))
            case .refusal(let error):
                throw FrameLink.refusal(of: Request.self, error)
            }
        }
        usleep(pauseMilliseconds * 1_000)
        return again
    }
}
