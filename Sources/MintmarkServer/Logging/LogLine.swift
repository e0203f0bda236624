import Logging
import MintmarkProgram

/// One event of the log, as people or programs read it: one line each, whatever it says.
struct LogLine {
    var level: Logger.Level
    var label: String
    var source: String
    var message: String
    var metadata: Logger.Metadata
    /// Since 1970.
    var wallMilliseconds: UInt64

    /// `2026-11-26T12:57:34.123Z info mintmarkd: pid=4711 [MintmarkServer] ready`, the metadata by its names.
    ///
    /// Control characters are escaped: what a caller or a file has sent neither begins a line nor moves a terminal's cursor.
    var text: String {
        let facts = sortedMetadata.map { " \($0)=\($1)" }.joined()
        return "\(AuditLine.time(wallMilliseconds)) \(level) \(label):\(facts) [\(source)] \(message)".printable
    }

    /// `{"time":"…","level":"info","message":"ready","source":"MintmarkServer","metadata":{"pid":4711}}`; numbers are
    /// numbers, `metadata` is left out where there is none.
    var json: String {
        var object = JSONObject()
        object.add("time", AuditLine.time(wallMilliseconds))
        object.add("level", level.rawValue)
        object.add("message", message)
        object.add("source", source)
        if !metadata.isEmpty {
            object.add("metadata", Self.object(metadata))
        }
        return object.text
    }

    private var sortedMetadata: [(key: String, value: Logger.Metadata.Value)] {
        metadata.sorted { $0.key < $1.key }
    }

    private static func object(_ metadata: Logger.Metadata) -> JSONObject {
        var object = JSONObject()
        for (name, value) in metadata.sorted(by: { $0.key < $1.key }) {
            object.add(name, json: json(value))
        }
        return object
    }

    private static func json(_ value: Logger.Metadata.Value) -> String {
        switch value {
        case .string(let text): JSONObject.quoted(text)
        case .stringConvertible(let value as any BinaryInteger): "\(value)"
        case .stringConvertible(let value as Bool): value ? "true" : "false"
        case .stringConvertible(let value): JSONObject.quoted(value.description)
        case .array(let values): "[" + values.map(json).joined(separator: ",") + "]"
        case .dictionary(let members): object(members).text
        }
    }
}
