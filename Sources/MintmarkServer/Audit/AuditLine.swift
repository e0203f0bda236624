import Glibc
import MintmarkEngine
import MintmarkSessions

/// One line of the audit log: a JSON object on a line of its own.
///
/// `time` and `event` are always there; `client`, `peer`, `session`, `subject` and `reason` where the event has them;
/// details of the event stand behind them under names of their own.
enum AuditLine {
    /// Appends the line, with its newline.
    static func append(_ event: AuditEvent, wallMilliseconds: UInt64, to bytes: inout [UInt8]) {
        var object = JSONObject()
        object.add("time", time(wallMilliseconds))
        object.add("event", event.name.rawValue)
        object.add("client", event.clientID.map { String(decoding: $0, as: UTF8.self) })
        object.add("peer", event.peer)
        object.add("session", event.sessionID.map(hexadecimal))
        object.add("subject", event.subject.map { String(decoding: $0, as: UTF8.self) })
        object.add("reason", event.reason)
        for fact in event.facts {
            switch fact.value {
            case .text(let text): object.add(fact.name, text)
            case .number(let number): object.add(fact.name, number)
            case .names(let names): object.add(fact.name, names)
            }
        }
        bytes.append(contentsOf: object.text.utf8)
        bytes.append(UInt8(ascii: "\n"))
    }

    /// RFC 3339 in UTC with milliseconds.
    static func time(_ wallMilliseconds: UInt64) -> String {
        var seconds = time_t(clamping: wallMilliseconds / 1_000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let date = [padded(Int(parts.tm_year) + 1_900, 4), padded(Int(parts.tm_mon) + 1, 2), padded(parts.tm_mday, 2)]
        let clock = [padded(parts.tm_hour, 2), padded(parts.tm_min, 2), padded(parts.tm_sec, 2)]
        let fraction = padded(Int(wallMilliseconds % 1_000), 3)
        return date.joined(separator: "-") + "T" + clock.joined(separator: ":") + ".\(fraction)Z"
    }

    private static func padded(_ number: some BinaryInteger, _ digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }

    /// The 32 digits by which people name a session.
    private static func hexadecimal(_ id: SessionID) -> String {
        [id.high, id.low].map { half in
            let text = String(half, radix: 16)
            return String(repeating: "0", count: 16 - text.utf8.count) + text
        }.joined()
    }
}
