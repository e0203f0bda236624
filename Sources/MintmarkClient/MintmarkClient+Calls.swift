package import MintmarkWire
import NIOCore

extension MintmarkClient {
    /// Sends a request and waits for its answer.
    ///
    /// - Parameter timeout: The configuration's when nil.
    package func perform<Request: WireRequest>(
        _ request: Request,
        timeout: Duration? = nil
    ) async throws(MintmarkError) -> Request.Response {
        guard let metrics else { return try await outcome(of: request, timeout).get() }
        let start = metrics.start()
        let outcome = await outcome(of: request, timeout)
        metrics.ended(Request.kind, ClientMetrics.Outcome(outcome), since: start)
        return try outcome.get()
    }

    private func outcome<Request: WireRequest>(
        of request: Request,
        _ timeout: Duration?
    ) async -> Result<Request.Response, MintmarkError> {
        let frame: [UInt8]
        do throws(MintmarkError) {
            frame = try self.frame(of: request)
        } catch {
            return .failure(error)
        }
        let id = inbox.reserve()
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                submit(id, call(request, frame, timeout, .task(continuation)))
            }
        } onCancel: {
            if inbox.cancel(id) { wake() }
        }
        return response(to: request, outcome)
    }

    /// Sends a request without waiting. `completion` is called once, on the client's event loop.
    ///
    /// For callers with so many requests that a task for each is too much.
    package func send<Request: WireRequest>(
        _ request: Request,
        timeout: Duration? = nil,
        completion: @escaping @Sendable (Result<Request.Response, MintmarkError>) -> Void
    ) {
        let completion = observed(Request.self, completion)
        do throws(MintmarkError) {
            let frame = try frame(of: request)
            let handler = Call.Completion.handler { completion(self.response(to: request, $0)) }
            submit(inbox.reserve(), call(request, frame, timeout, handler))
        } catch {
            eventLoop.execute { completion(.failure(error)) }
        }
    }
}

extension MintmarkClient {
    /// Room that holds most requests, in bytes.
    private static let frameCapacity = 512

    private func frame(of request: some WireRequest) throws(MintmarkError) -> [UInt8] {
        if let objection = settings.objection { throw objection }
        var writer = FrameWriter(lengthMax: Limits.frameLengthMaxCeiling)
        writer.bytes.reserveCapacity(MintmarkClient.frameCapacity)
        do throws(WireError) {
            try request.encode(requestID: 0, into: &writer)
        } catch {
            throw MintmarkError(unsendable: error)
        }
        return writer.bytes
    }

    /// What the protocol says of sending a request again that may have been carried out.
    private func repetition<Request: WireRequest>(of request: Request) -> Repetition {
        switch Request.kind {
        case .ping, .sign, .verify, .introspect, .keys, .stats, .revoke, .forceRotation, .snapshot:
            return .always
        case .keyList, .keyActivate, .keyRevoke, .keyImport:
            return .always
        case .refresh:
            return settings.refreshRepetition
        case .open:
            let isRepeatable = (request as? OpenRequest)?.attemptID != nil
            return isRepeatable ? .within(nanoseconds: MintmarkClient.openRepetitionNanosecondsMax) : .never
        case .keyPrepare:
            // Each one makes a key.
            return .never
        case .hello, .auth:
            return .never
        }
    }

    /// Half of the time for which the server remembers an attempt id.
    private static let openRepetitionNanosecondsMax = UInt64(Limits.attemptMemorySeconds) * 1_000_000_000 / 2

    private func call<Request: WireRequest>(
        _ request: Request,
        _ frame: [UInt8],
        _ timeout: Duration?,
        _ completion: Call.Completion
    ) -> Call {
        Call(
            kind: Request.kind,
            frame: frame,
            repetition: repetition(of: request),
            timeoutNanoseconds: timeout?.nanoseconds ?? settings.requestTimeoutNanoseconds,
            completion: completion,
            lateAnswer: onLateAnswer.flatMap { lateAnswerHandler(of: request, $0) }
        )
    }

    /// What becomes of an answer for which its caller does not wait any more: tokens are handed on.
    private func lateAnswerHandler(
        of request: some WireRequest,
        _ handOn: @escaping @Sendable (LateAnswer) -> Void
    ) -> (@Sendable (Answer) -> Void)? {
        switch request {
        case let request as OpenRequest:
            return { answer in
                guard case .success(let response) = self.response(to: request, .success(answer)) else { return }
                let attemptID = request.attemptID.flatMap { AttemptID(bytes: $0) }
                handOn(.opened(SessionTokens(response.grant), attemptID: attemptID))
            }
        case let request as RefreshRequest:
            return { answer in
                guard case .success(let response) = self.response(to: request, .success(answer)) else { return }
                let refreshToken = String(decoding: request.refreshToken, as: UTF8.self)
                handOn(.refreshed(RefreshedSession(response), replacing: refreshToken))
            }
        default:
            return nil
        }
    }

    private func submit(_ id: CallID, _ call: Call) {
        switch inbox.submit(id, call) {
        case .wake: wake()
        case .none: break
        case .cancelled(let call): call.completion(.failure(MintmarkError(.cancelled, "the task was cancelled")))
        case .closed(let call): call.completion(.failure(.shutDown))
        }
    }

    private func wake() {
        eventLoop.execute { self.driver.value.inboxFilled() }
    }

    /// Decodes an answer. One that cannot be decoded costs the server the connection.
    private func response<Request: WireRequest>(
        to request: Request,
        _ outcome: CallOutcome
    ) -> Result<Request.Response, MintmarkError> {
        outcome.flatMap { answer in
            do throws(WireError) {
                return .success(try Request.Response(decoding: answer.body.readableBytesSpan))
            } catch {
                let violation = ProtocolViolation.body(error, kindByte: Request.kind.responseByte)
                eventLoop.execute { self.driver.value.distrust(answer.connection, violation) }
                return .failure(MintmarkError(violation))
            }
        }
    }
}
