import HTTPTypes

/// An answer to an HTTP request. Immutable.
struct AdminAnswer: Sendable {
    var status: HTTPResponse.Status
    var contentType: String?
    var body: [UInt8]
    /// Beside those that every answer has.
    var fields = HTTPFields()
    /// Who may keep it, for how long.
    var cacheControl = "no-store"

    init(_ status: HTTPResponse.Status, contentType: String?, body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    /// One line of text for people.
    static func text(_ status: HTTPResponse.Status, _ line: String) -> AdminAnswer {
        AdminAnswer(status, contentType: "text/plain; charset=utf-8", body: Array("\(line)\n".utf8))
    }

    static func json(_ status: HTTPResponse.Status, _ text: String) -> AdminAnswer {
        AdminAnswer(status, contentType: "application/json", body: Array(text.utf8))
    }

    /// The head as it is sent.
    var head: HTTPResponse {
        var fields = fields
        fields[.cacheControl] = cacheControl
        fields[.xContentTypeOptions] = "nosniff"
        if fields[.contentSecurityPolicy] == nil {
            fields[.contentSecurityPolicy] = "default-src 'none'; frame-ancestors 'none'"
        }
        fields[.contentType] = contentType
        if status.code != 304 {
            fields[.contentLength] = String(body.count)
        }
        return HTTPResponse(status: status, headerFields: fields)
    }
}

extension HTTPResponse.Status {
    /// RFC 9110 section 15.5.20.
    static let misdirectedRequest = HTTPResponse.Status(code: 421, reasonPhrase: "Misdirected Request")
}
