import Glibc
import MintmarkWire

/// Frames over one blocking stream.
///
/// Confined to the thread that uses it. The stream is closed with the object, unless it was taken out of it.
final class FrameLink {
    private let stream: ServerStream
    private var writer = FrameWriter(lengthMax: Limits.frameLengthMaxCeiling)
    private var input: [UInt8] = []
    private var inputStart = 0
    /// Where the last frame that was read lies in `input`.
    private var lastFrameRange = 0..<0

    /// - Parameter answerNanosecondsMax: How long an answer may take before nobody waits for it any longer.
    init(owning stream: ServerStream, answerNanosecondsMax: Int64 = ServerAddress.openNanosecondsMax) {
        self.stream = stream
        limitWaiting(nanoseconds: answerNanosecondsMax)
    }

    /// Gives the stream away.
    func takeStream() -> ServerStream {
        precondition(inputStart == input.count, "a connection is given away with answers that nobody read")
        return stream
    }

    /// Waits for each further answer no longer than this.
    func limitWaiting(nanoseconds: Int64) {
        ServerAddress.limitReads(of: stream.descriptor, nanoseconds: nanoseconds)
    }

    /// Version and cipher of TLS; nil in clear.
    var tlsSession: String? { stream.tlsSession }

    /// The process at the other end of a Unix socket.
    var peerProcessID: Int32? {
        guard let credentials = PeerCredentials(of: stream.descriptor) else { return nil }
        return credentials.processID > 0 ? credentials.processID : nil
    }

    /// Adds a request to those that the next flush writes.
    func queue(_ request: some WireRequest, requestID: UInt32) throws(LoadFailure) {
        do throws(WireError) {
            try request.encode(requestID: requestID, into: &writer)
        } catch {
            throw .usage("a request is too long: \(error)")
        }
    }

    /// Writes what was queued.
    func flush() throws(LoadFailure) {
        defer { writer.bytes.removeAll(keepingCapacity: true) }
        var offset = 0
        while offset < writer.bytes.count {
            let count = writer.bytes.withUnsafeBytes { bytes in
                stream.send(UnsafeRawBufferPointer(rebasing: bytes[offset...]))
            }
            if count < 0, errno == EINTR, !Interruption.isRequested { continue }
            guard count > 0 else { throw Self.failure("the connection broke", SystemFault("send")) }
            offset += count
        }
    }

    func send(_ request: some WireRequest, requestID: UInt32) throws(LoadFailure) {
        try queue(request, requestID: requestID)
        try flush()
    }

    /// The next answer, which must be to this request.
    func receive<Request: WireRequest>(
        _ type: Request.Type,
        requestID: UInt32
    ) throws(LoadFailure) -> Request.Response {
        let (id, answer) = try receiveAny(type)
        guard id == requestID else { throw .wrongAnswer("an answer to request \(id) instead of \(requestID)") }
        return answer
    }

    /// The next answer, which must be to a request of this kind.
    func receiveAny<Request: WireRequest>(
        _ type: Request.Type
    ) throws(LoadFailure) -> (requestID: UInt32, answer: Request.Response) {
        let (id, answer) = try receiveAnswer(type)
        switch answer {
        case .response(let response): return (id, response)
        case .refusal(let error): throw Self.refusal(of: type, error)
        }
    }

    /// The next answer, which must be to a request of this kind, or its error.
    func receiveAnswer<Request: WireRequest>(
        _ type: Request.Type
    ) throws(LoadFailure) -> (requestID: UInt32, answer: AnswerFrame<Request.Response>) {
        let (header, body) = try nextFrame()
        let input = input
        do throws(WireError) {
            return (header.requestID, try AnswerFrame(header, input.span.bytes.extracting(body), of: Request.kind))
        } catch {
            throw .wrongAnswer("an answer to \(Request.kind.name) that breaks the protocol: \(error)")
        }
    }

    static func refusal<Request: WireRequest>(of type: Request.Type, _ error: ErrorResponse) -> LoadFailure {
        .refused("\(Request.kind.name): \(error.status): \(error.message)", error.status)
    }

    /// Reads until there is a whole frame; returns where it lies in `input`.
    func nextFrame() throws(LoadFailure) -> (header: FrameHeader, body: Range<Int>) {
        while true {
            switch FrameScanner(lengthMax: Limits.frameLengthMaxCeiling).scan(input.span.bytes, at: inputStart) {
            case .frame(let header, let body):
                lastFrameRange = inputStart..<body.upperBound
                inputStart = body.upperBound
                return (header, body)
            case .invalid where input[inputStart...].starts(with: Array("HTTP/".utf8)):
                throw .unreachable(
                    "what answers there speaks HTTP, and no frames; the address may be that of mintmarkd's admin listener"
                )
            case .invalid(let error):
                throw .wrongAnswer("what came is no frame: \(error)")
            case .incomplete:
                try read()
            }
        }
    }

    /// The whole of the frame that was read last.
    var lastFrame: [UInt8] { Array(input[lastFrameRange]) }

    /// What AUTH is bound to on this connection; nil where it does not exist.
    var authBinding: AuthTranscript.Binding? {
        if let digest = stream.serverCertificateSHA256 { return .tls(certificateSHA256: digest) }
        return ServerAddress.peerText(of: stream.descriptor).map { .loopback(address: $0) }
    }

    /// Decodes the body of the last frame that was read.
    func decode<Value>(_ body: Range<Int>, _ decode: (RawSpan) throws(WireError) -> Value) throws(WireError) -> Value {
        let input = input
        return try decode(input.span.bytes.extracting(body))
    }

    /// Sends no more, and reads what still comes without looking at it, up to the end of the stream.
    func skipToEnd() throws(LoadFailure) {
        stream.endOutput()
        var bytes = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = bytes.withUnsafeMutableBytes { stream.receive(into: $0) }
            if count == 0 { return }
            if count < 0, errno == EINTR, !Interruption.isRequested { continue }
            if count < 0 { throw Self.failure("no end of the stream", SystemFault("recv")) }
        }
    }

    /// What a call that failed means: a signal that wants the tool to end interrupts calls, too.
    private static func failure(_ message: String, _ fault: SystemFault) -> LoadFailure {
        guard !Interruption.isRequested else { return .interrupted }
        let isSilence = [EAGAIN, EWOULDBLOCK].contains(fault.code)
        return .aborted("\(message): \(fault)").of(isSilence ? .requestTimeout : .reset)
    }

    /// TLS 1.3 refuses a client's certificate when the client believes that it is through.
    private func readFailure(_ fault: SystemFault) -> LoadFailure {
        guard let reason = stream.tlsFault else { return Self.failure("no answer", fault) }
        guard reason.contains("certificate") else { return .aborted("no answer: TLS: \(reason)").of(.reset) }
        let isWanted = reason.contains("certificate required")
        let message = isWanted ? "wants a client certificate: give --cert and --key" : "refused the client certificate"
        return .unreachable("the server \(message)").of(.tlsVerify)
    }

    private func read() throws(LoadFailure) {
        input.removeSubrange(..<inputStart)
        inputStart = 0
        var fault: LoadFailure?
        let endOfStream = LoadFailure.aborted("the server ended the connection")
            .of(input.isEmpty ? .endOfStream : .endOfStreamInFrame)
        input.append(
            contentsOf: [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
                let result = stream.receive(into: UnsafeMutableRawBufferPointer(buffer))
                count = max(0, result)
                if result == 0 { fault = endOfStream }
                // Without a fault, whoever wants more bytes comes back.
                if result < 0, errno == EINTR, !Interruption.isRequested { return }
                if result < 0 { fault = readFailure(SystemFault("recv")) }
            }
        )
        if let fault { throw fault }
    }
}

/// An answer to a request of a known kind: its response, or an error.
enum AnswerFrame<Response: WireResponse> {
    case response(Response)
    case refusal(ErrorResponse)

    init(_ header: FrameHeader, _ body: RawSpan, of kind: Kind) throws(WireError) {
        guard header.flags == 0 else { throw WireError(.flagsUnsupported, found: UInt64(header.flags)) }
        if header.isError {
            self = .refusal(try ErrorResponse(decoding: body))
        } else if header.responseKind == kind {
            self = .response(try Response(decoding: body))
        } else {
            throw WireError(.kindUnknown, found: UInt64(header.kindByte))
        }
    }
}
