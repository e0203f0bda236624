import Foundation

/// A socket that speaks whatever a test wants. Blocks; closed with the value.
final class HTTPClient {
    struct Failure: Error {
        var call: String
        var code: Int32
    }

    struct Answer: Equatable {
        var status = 0
        var fields: [String: String] = [:]
        var body = ""
    }

    private let descriptor: Int32
    private var pending: [UInt8] = []

    /// - Parameter receiveBuffer: how much the socket holds of what was not read; nil: the system's choice.
    init(port: Int, receiveBuffer: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var size = receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout.size(ofValue: size)))
        }
        var patience = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout.size(ofValue: patience)))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure(call: "connect", code: errno) }
    }

    deinit { close(descriptor) }

    func send(_ text: String) throws {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failure(call: "send", code: errno) }
            rest = rest.dropFirst(count)
        }
    }

    /// Sends a request with the usual header and reads its answer.
    func ask(
        _ method: String = "GET",
        _ target: String,
        host: String = "localhost",
        _ fields: String...
    ) throws -> Answer {
        let lines = ["\(method) \(target) HTTP/1.1", "Host: \(host)"] + fields
        try send(lines.joined(separator: "\r\n") + "\r\n\r\n")
        return try receive(hasBody: method != "HEAD")
    }

    /// Reads one answer.
    func receive(hasBody: Bool = true) throws -> Answer {
        var answer = Answer()
        let lines = try head().split(separator: "\r\n").map(String.init)
        answer.status = Int(lines.first?.split(separator: " ").dropFirst().first ?? "") ?? 0
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            answer.fields[parts[0].lowercased()] = parts.count > 1 ? parts[1] : ""
        }
        let length = hasBody ? Int(answer.fields["content-length"] ?? "0") ?? 0 : 0
        while pending.count < length { try fill() }
        answer.body = String(decoding: pending.prefix(length), as: UTF8.self)
        pending.removeFirst(length)
        return answer
    }

    private func head() throws -> String {
        let end: [UInt8] = [13, 10, 13, 10]
        while true {
            if let place = pending.indices.first(where: { pending[$0...].starts(with: end) }) {
                defer { pending.removeFirst(place + end.count) }
                return String(decoding: pending[..<place], as: UTF8.self)
            }
            try fill()
        }
    }

    private func fill() throws {
        let bytes = try read()
        guard !bytes.isEmpty else { throw Failure(call: "read", code: 0) }
        pending += bytes
    }

    private func read() throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        guard count >= 0 else { throw Failure(call: "recv", code: errno) }
        return Array(bytes[..<count])
    }

    /// Reads until the other side has ended; true: it did, by an end or a reset.
    func awaitEnd() -> Bool {
        while true {
            do {
                if try read().isEmpty { return true }
            } catch let failure as Failure {
                return failure.code == ECONNRESET
            } catch {
                return false
            }
        }
    }
}

/// Asks once, over a connection of its own.
func ask(_ port: Int, _ target: String, host: String = "localhost") throws -> HTTPClient.Answer {
    try HTTPClient(port: port).ask("GET", target, host: host)
}
