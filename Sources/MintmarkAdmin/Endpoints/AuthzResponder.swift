import HTTPTypes

/// Answers `/authz`, which proxies ask whether to let a request in: nginx's `auth_request`, Traefik's ForwardAuth, Caddy's
/// `forward_auth`. Immutable.
struct AuthzResponder: Sendable {
    let source: any AdminSource
    let statistics: AdminStatistics

    func answer(to request: HTTPRequest) -> AdminAnswer {
        let query: AuthzQuery
        do throws(AuthzQuery.Fault) {
            query = try AuthzQuery(target: request.path ?? "")
        } catch {
            return malformed(error.what, .badRequest)
        }
        let token: [UInt8]
        do throws(BearerToken.Fault) {
            token = try BearerToken.read(request.headerFields)
        } catch {
            switch error {
            case .none:
                statistics.came(.noToken)
                return Self.challenge(.unauthorized)
            case .malformed(let what):
                return malformed(what, query.saysUnauthorized ? .unauthorized : .badRequest)
            }
        }
        return answer(source.judge(TokenQuestion(token: token, query: query)))
    }

    private func malformed(_ what: String, _ status: HTTPResponse.Status) -> AdminAnswer {
        statistics.came(.invalidRequest)
        return Self.challenge(status, "error=\"invalid_request\", error_description=\"\(what)\"")
    }

    private func answer(_ decision: TokenDecision) -> AdminAnswer {
        switch decision {
        case .active(let identity):
            statistics.came(.allowed)
            return Self.admission(of: identity)
        case .inactive(let reason):
            statistics.came(.invalidToken)
            return Self.challenge(.unauthorized, "error=\"invalid_token\", error_description=\"\(reason)\"")
        case .insufficientScope(let required):
            statistics.came(.insufficientScope)
            // Scope-tokens hold neither quotes nor backslashes.
            let scopes = required.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
            return Self.challenge(.forbidden, "error=\"insufficient_scope\", scope=\"\(scopes)\"")
        case .tooOften(let seconds):
            statistics.came(.rateLimited)
            var answer = AdminAnswer(.tooManyRequests, contentType: nil, body: [])
            answer.fields[.retryAfter] = String(seconds)
            return answer
        case .unavailable:
            statistics.came(.unavailable)
            return AdminAnswer(.serviceUnavailable, contentType: nil, body: [])
        case .off:
            return .text(.notFound, "/authz is off: admin.authz.client names nobody that it is served as.")
        }
    }

    /// Every field is there, an empty one where the token does not say: a proxy that copies them replaces what its
    /// client has sent under these names.
    private static func admission(of identity: BearerIdentity) -> AdminAnswer {
        let fields = [
            ("X-Auth-Issuer", encode(identity.issuer)), ("X-Auth-Subject", encode(identity.subject)),
            ("X-Auth-Client-Id", encode(identity.clientID ?? [])),
            ("X-Auth-Scope", identity.scopeTokens.map(encode).joined(separator: " ")),
            ("X-Auth-Audience", identity.audiences.map(encode).joined(separator: " ")),
            ("X-Auth-Expires", String(identity.expiresAt)),
        ]
        var answer = AdminAnswer(.ok, contentType: nil, body: [])
        for (name, value) in fields {
            if let name = HTTPField.Name(name) {
                answer.fields[name] = value
            }
        }
        return answer
    }

    /// Percent-encodes (RFC 3986 section 2.1) everything but visible ASCII, and the percent sign: whatever a token holds,
    /// nothing in it ends a header, and nothing in it looks like the space between two items of a list.
    private static func encode(_ bytes: some Collection<UInt8>) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var text: [UInt8] = []
        for byte in bytes {
            if (0x21...0x7E).contains(byte), byte != UInt8(ascii: "%") {
                text.append(byte)
            } else {
                text += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The challenge of RFC 6750 section 3.
    private static func challenge(_ status: HTTPResponse.Status, _ parameters: String = "") -> AdminAnswer {
        var answer = AdminAnswer(status, contentType: nil, body: [])
        answer.fields[.wwwAuthenticate] =
            "Bearer realm=\"mintmark\"" + (parameters.isEmpty ? "" : ", \(parameters)")
        return answer
    }
}
