import MintmarkClient
import MintmarkProgram
import MintmarkWire

/// Why the server gave no answer, or refused.
struct Failure {
    private let error: MintmarkError
    private let placeVariable: String?

    /// - Parameter placeVariable: The environment variable that says where the server is; nil if an option or nothing does.
    init(_ error: MintmarkError, placeVariable: String? = nil) {
        self.error = error
        self.placeVariable = placeVariable
    }

    var exitStatus: CommandStatus {
        // What closes the connection refuses the handshake, or every further request.
        if let status = error.status, status.closesConnection { return .unreachable }
        switch error.code {
        case .cannotConnect, .tlsHandshakeFailed, .serverUntrusted, .plaintextRefused: return .unreachable
        case .authenticationRequired: return .unreachable
        // Whoever speaks something else is no server of ours.
        case .protocolViolation: return .unreachable
        // Files that the command line names, or the environment.
        case .invalidRequest, .tlsSettingsUnusable: return .usage
        // Whoever takes it for a refusal logs somebody out.
        default: return error.isRetryable ? .unavailable : .refused
        }
    }

    /// For scripts: one JSON object on one line, with the members of RFC 6749 section 5.2 and more.
    var json: String {
        var object = JSONObject()
        object.add("error", oAuthError)
        object.add("error_code", name)
        object.add("error_number", error.status?.rawValue)
        object.add("error_description", error.status?.sentence ?? sentence)
        if error.status != nil, !error.message.isEmpty { object.add("server_message", error.message) }
        object.add("retryable", error.isRetryable)
        object.add("field", error.field)
        object.add("reuse_class", error.reuseClass?.name)
        object.add("rule", error.rule)
        object.add("retry_after_milliseconds", error.retryAfter.map { UInt64($0 / .milliseconds(1)) })
        if error.isOutcomeUnknown { object.add("outcome_unknown", true) }
        return object.text
    }

    /// For people: a line without its end.
    var text: String {
        var text = sentence.printable
        if let status = error.status {
            text = "\(status): \(status.sentence)"
            let details = [error.field, detail].compactMap { $0?.printable }
            if !details.isEmpty { text += " (\(details.joined(separator: ": ")))" }
        }
        if let advice { text += "; \(advice)" }
        if error.isOutcomeUnknown { text += "; whether it was done is not known" }
        return text
    }

    /// What to do where that is not to be seen.
    private var advice: String? {
        if error.rule == "admin" {
            return "that takes the permission `admin`, or where no clients are configured the Unix socket (--unix)"
        }
        if let rule = error.rule, error.status == StatusCode(.notPermitted) {
            return "the server's configuration tells what this client may do: clients.….permissions.\(rule)"
        }
        if error.code == .cannotConnect {
            let source = placeVariable.map { "\($0) says where; " } ?? ""
            return "is mintmarkd running there, and may this user connect? \(source)"
                + "--server, --unix and --tls name other places"
        }
        if error.status == StatusCode(.keyState), error.field == "key_id" {
            return "`keys list` tells of all of them; one that was published only now is activated with --immediately"
        }
        switch error.status {
        case StatusCode(.clientUnknown), StatusCode(.authFailed):
            return "the server's configuration tells whom it knows: clients.….identities"
        case StatusCode(.tlsRequired):
            return "--tls names such an address, with --ca"
        case StatusCode(.keyNotFound):
            return "`keys list` tells of all of them"
        default: break
        }
        if error.code == .authenticationRequired {
            return "--client and --client-key say it, or over TLS --cert and --key"
        }
        if error.code == .serverUntrusted, error.serverUserID == nil {
            return "--ca names who may vouch for it, --server-name whom its certificate is to name"
        }
        return error.retryAfter.map { "come again in \(Self.span($0))" }
    }

    /// Rounded up: whoever waits as long is not too early.
    private static func span(_ duration: Duration) -> String {
        guard duration >= .seconds(10) else { return "\(Int((duration / .milliseconds(1)).rounded(.up))) ms" }
        return "\(Int((duration / .seconds(1)).rounded(.up))) s"
    }

    /// The client's own words. Of a server that it does not trust also by name whom that runs as, and what to do if
    /// that is right.
    private var sentence: String {
        guard let userID = error.serverUserID else { return error.message }
        let option = "--server-user \(MachineUsers.name(ofUserID: userID) ?? "\(userID)")"
        return "the server runs as \(MachineUsers.text(ofUserID: userID)), who is not trusted; \(option) trusts it"
    }

    /// What the server's message tells beside the status and the field; nil if nothing.
    private var detail: String? {
        guard let status = error.status else { return nil }
        var rest = error.message[...]
        if rest.hasPrefix(status.sentence) {
            rest = rest.dropFirst(status.sentence.count)
            // What comes behind it stands in parentheses.
            if rest.hasPrefix(" ("), rest.hasSuffix(")") { rest = rest.dropFirst(2).dropLast() }
        }
        if let field = error.field {
            if rest == field { return nil }
            if rest.hasPrefix("\(field): ") { rest = rest.dropFirst(field.count + 2) }
        }
        return rest.isEmpty ? nil : String(rest)
    }

    /// The status, such as `REUSED`, or the client's own code, such as `CANNOT_CONNECT`.
    private var name: String {
        if let status = error.status { return status.description }
        return error.code.description.reduce(into: "") { name, character in
            if character.isUppercase { name += "_" }
            name += character.uppercased()
        }
    }

    private var oAuthError: String? {
        if let status = error.status { return status.oAuthError }
        switch error.code {
        case .cannotConnect, .tlsHandshakeFailed: return "temporarily_unavailable"
        case .connectionLost, .deadlineExceeded, .queueFull: return "temporarily_unavailable"
        case .authenticationRequired: return "invalid_client"
        case .protocolViolation: return "server_error"
        case .invalidRequest, .tlsSettingsUnusable: return "invalid_request"
        default: return nil
        }
    }
}

extension ReuseClass {
    /// The name in the specification.
    var name: String {
        switch self {
        case .previousAfterWindow: "previous_after_window"
        case .olderGeneration: "older_generation"
        case .olderEpoch: "older_epoch"
        }
    }
}
