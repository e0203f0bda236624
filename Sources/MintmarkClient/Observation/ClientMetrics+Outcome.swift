import MintmarkWire

extension ClientMetrics.Outcome {
    /// What the caller was told, for those who watch.
    init(_ result: Result<some WireResponse, MintmarkError>) {
        switch result {
        case .success(let response as VerifyResponse): self = response.isActive ? .ok : .inactive
        case .success(let response as IntrospectResponse): self = response.isActive ? .ok : .inactive
        case .success: self = .ok
        case .failure(let error): self = error.code == .cancelled ? .cancelled : .error(reason: error.reason)
        }
    }
}

extension MintmarkError {
    /// The status of the server or the code, as a label: of a fixed number, whatever a server sends.
    fileprivate var reason: String {
        guard code == .server else { return code.label }
        return status?.status?.name.lowercased() ?? "other_status"
    }
}

extension MintmarkError.Code {
    /// The code as a label, such as `cannot_connect`.
    fileprivate var label: String {
        description.reduce(into: "") { label, character in
            if character.isUppercase { label.append("_") }
            label.append(character.lowercased())
        }
    }
}

extension MintmarkClient {
    /// Counts the call as well, where metrics are kept.
    func observed<Request: WireRequest>(
        _ request: Request.Type,
        _ completion: @escaping @Sendable (Result<Request.Response, MintmarkError>) -> Void
    ) -> @Sendable (Result<Request.Response, MintmarkError>) -> Void {
        guard let metrics else { return completion }
        let start = metrics.start()
        return { result in
            metrics.ended(Request.kind, ClientMetrics.Outcome(result), since: start)
            completion(result)
        }
    }
}
