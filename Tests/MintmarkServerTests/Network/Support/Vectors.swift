import Foundation
import Testing

/// The golden vectors that a server answers with an error, as `Protocol/vectors/README.md` describes them.
struct ErrorVector: Sendable, CustomTestStringConvertible {
    var name: String
    var state = "serving"
    var frame: [UInt8]
    var requestID: UInt32
    var status: String
    var field: UInt8?
    var closes = false

    var testDescription: String { "\(state): \(name)" }

    /// The rows of `frames.json` that a server without authentication judges.
    static let frames: [ErrorVector] = cases(of: "frames", state: nil).filter { $0.state != "awaiting_auth" }

    /// The bad HELLO requests.
    static let hellos: [ErrorVector] = cases(of: "hello", state: "awaiting_hello")

    /// The bad requests of all other messages.
    static let requests: [ErrorVector] =
        [
            "ping", "sign", "verify", "open", "refresh", "revoke", "introspect", "keys", "stats", "force-rotation",
            "snapshot",
        ]
        .flatMap { cases(of: $0, state: "serving") }

    private static func cases(of file: String, state: String?) -> [ErrorVector] {
        VectorFile.rows(of: file, "requests").compactMap { ErrorVector($0, file: file, state: state) }
    }

    private init?(_ row: [String: Any], file: String, state: String?) {
        guard let error = row["error"] as? [String: Any], let name = row["name"] as? String,
            let frame = row["frame"].flatMap(VectorFile.bytes), let status = error["status"] as? String
        else {
            return nil
        }
        self.name = "\(file): \(name)"
        self.state = state ?? row["state"] as? String ?? ""
        self.frame = frame
        self.status = status
        let id = error["request_id"] ?? row["request_id"]
        requestID = (id as? NSNumber)?.uint32Value ?? 0
        field = (error["field"] as? NSNumber)?.uint8Value
        closes = state == "awaiting_hello" || (error["closes"] as? Bool) == true
    }
}

/// The first bytes of a connection, and what comes back.
struct StreamVector: Sendable, CustomTestStringConvertible {
    struct Answer: Equatable, Sendable {
        var requestID: UInt32
        /// Nil: of success.
        var status: String?
    }

    var name: String
    var owesAuthentication: Bool
    var bytes: [UInt8]
    var answers: [Answer]
    var closes: Bool

    var testDescription: String { name }

    static let all: [StreamVector] = VectorFile.rows(of: "frames", "streams").compactMap(StreamVector.init)

    private init?(_ row: [String: Any]) {
        guard let name = row["name"] as? String, let bytes = row["bytes"].flatMap(VectorFile.bytes),
            let owes = row["owes_authentication"] as? Bool, let answers = row["answers"] as? [[String: Any]],
            let closes = row["closes"] as? Bool
        else {
            return nil
        }
        self.name = name
        self.bytes = bytes
        self.closes = closes
        owesAuthentication = owes
        self.answers = answers.map { answer in
            let id = (answer["request_id"] as? NSNumber)?.uint32Value ?? 0
            return Answer(requestID: id, status: answer["status"] as? String)
        }
    }
}

private enum VectorFile {
    static func rows(of file: String, _ member: String) -> [[String: Any]] {
        let root = URL(fileURLWithPath: #filePath).pathComponents.prefix { $0 != "Tests" }.joined(separator: "/")
        let path = "\(root)/Protocol/vectors/\(file).json"
        guard let data = FileManager.default.contents(atPath: path),
            let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
            let rows = object[member] as? [[String: Any]]
        else {
            preconditionFailure("\(path) cannot be read")
        }
        return rows
    }

    static func bytes(_ value: Any) -> [UInt8]? {
        if let text = value as? String {
            let digits = text.compactMap { $0.hexDigitValue }
            return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
        }
        guard let parts = value as? [Any] else { return nil }
        return parts.flatMap { part -> [UInt8] in
            if let pair = part as? [Any], let byte = pair.first.flatMap(bytes), let count = pair.last as? Int {
                return [UInt8](repeating: byte[0], count: count)
            }
            return bytes(part) ?? []
        }
    }
}
