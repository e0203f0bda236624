import HTTPTypes
import HummingbirdCore
import NIOCore

/// Answers HTTP requests: whom and what they ask for is judged here. Immutable.
struct AdminResponder: Sendable {
    /// Nil: any name will do.
    let hosts: HostList?
    /// What this listener answers at all.
    let endpoints: Set<Endpoint>
    let source: any AdminSource
    let statistics: AdminStatistics
    let history: StatusHistory

    @concurrent
    func respond(to request: Request, _ writer: consuming ResponseWriter) async throws {
        let (endpoint, answer) = await answer(to: request.head)
        statistics.answered(endpoint, status: answer.status.code)
        let isBodyless = request.method == .head || answer.body.isEmpty
        let body = isBodyless ? ResponseBody() : ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body))
        try await writer.write(response: answer.head, body: body)
    }

    private func answer(to request: HTTPRequest) async -> (Endpoint, AdminAnswer) {
        let endpoint = Endpoint(target: request.path ?? "")
        guard isAskedByName(request) else {
            return (
                endpoint, .text(.misdirectedRequest, "This name is not one of the server's; admin.hosts lists others.")
            )
        }
        guard endpoints.contains(endpoint) else {
            return (.other, .text(.notFound, "There is nothing here."))
        }
        guard request.method == .get || request.method == .head else {
            var refusal = AdminAnswer.text(.methodNotAllowed, "GET and HEAD are all there is.")
            refusal.fields[.allow] = "GET, HEAD"
            return (endpoint, refusal)
        }
        return (endpoint, await answer(endpoint, request))
    }

    private func isAskedByName(_ request: HTTPRequest) -> Bool {
        guard let hosts else {
            return true
        }
        return request.authority.map(hosts.allows) ?? false
    }

    private func answer(_ endpoint: Endpoint, _ request: HTTPRequest) async -> AdminAnswer {
        switch endpoint {
        case .livez:
            await liveness()
        case .readyz:
            readiness()
        case .metrics:
            AdminAnswer(
                .ok,
                contentType: PrometheusText.contentType,
                body: PrometheusText(source.metrics()).bytes
            )
        case .jwks:
            keySet(ifNoneMatch: request.headerFields[.ifNoneMatch])
        case .status:
            await statusPage()
        case .authz:
            AuthzResponder(source: source, statistics: statistics).answer(to: request)
        case .other:
            .text(.notFound, "There is nothing here.")
        }
    }

    private func liveness() async -> AdminAnswer {
        await source.loopsAnswer()
            ? .json(.ok, "{\"live\": true}\n") : .json(.serviceUnavailable, "{\"live\": false}\n")
    }

    private func readiness() -> AdminAnswer {
        let reasons = source.readinessReasons
        // Reasons are words of the program's own, so nothing in them needs to be escaped.
        let list = reasons.map { "\"\($0)\"" }.joined(separator: ", ")
        return .json(
            reasons.isEmpty ? .ok : .serviceUnavailable,
            "{\"ready\": \(reasons.isEmpty), \"reasons\": [\(list)]}\n"
        )
    }

    private func statusPage() async -> AdminAnswer {
        let isLive = await source.loopsAnswer()
        let snapshot = source.status()
        let model = StatusModel(newest: snapshot, earlier: history.look(snapshot.counts), isLive: isLive)
        var answer = AdminAnswer(
            .ok,
            contentType: "text/html; charset=utf-8",
            body: Array(StatusPage.html(model).utf8)
        )
        answer.fields[.contentSecurityPolicy] = StatusPolicy.text
        answer.fields[.crossOriginResourcePolicy] = "same-origin"
        return answer
    }

    private func keySet(ifNoneMatch: String?) -> AdminAnswer {
        let keys = source.keySet()
        let tag = EntityTag(keys.tag)
        let isKnown = ifNoneMatch.map(tag.isListed) ?? false
        var answer =
            isKnown
            ? AdminAnswer(.notModified, contentType: nil, body: [])
            : AdminAnswer(.ok, contentType: "application/jwk-set+json", body: keys.json)
        answer.fields[.eTag] = tag.text
        answer.cacheControl =
            keys.cacheSeconds > 0 ? "public, max-age=\(keys.cacheSeconds), must-revalidate" : "no-cache"
        return answer
    }
}
