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
        let root = URL(fileURLWithPath: #filePath).pathComponents.prefix { $0 != "Tests" }.joined(separator: "/")
        let path = "\(root)/Protocol/vectors/\(file).json"
        guard let data = FileManager.default.contents(atPath: path),
            let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
            let rows = object["requests"] as? [[String: Any]]
        else {
            preconditionFailure("\(path) cannot be read")
        }
        return rows.compactMap { ErrorVector($0, file: file, state: state) }
    }

    private init?(_ row: [String: Any], file: String, state: String?) {
        guard let error = row["error"] as? [String: Any], let name = row["name"] as? String,
            let frame = row["frame"].flatMap(Self.bytes), let status = error["status"] as? String
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

    private static func bytes(_ value: Any) -> [UInt8]? {
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
