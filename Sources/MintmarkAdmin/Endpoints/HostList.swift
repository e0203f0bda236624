/// The names under which a listener may be asked: whatever page a browser shows, it cannot make another name point here
/// and read what is told. Immutable.
package struct HostList: Sendable {
    private let names: Set<String>
    /// Whether it listens on all addresses, of one family or of both: then each numeric one is its own. A page that means
    /// harm has a name, not a number.
    private let allowsIPv4: Bool
    private let allowsIPv6: Bool

    /// - Parameters:
    ///   - address: the host that it listens on, an IPv6 address without brackets.
    ///   - names: others that the operator allows, without ports.
    package init(address: String, names: [String] = []) {
        let loopback = ["localhost", "127.0.0.1", "::1"]
        self.names = Set((loopback + [address] + names).map { Self.bare($0.lowercased()) })
        allowsIPv4 = address == "0.0.0.0" || address == "::"
        allowsIPv6 = address == "::"
    }

    /// Whether a Host header names this server; its port does not matter.
    package func allows(_ header: String) -> Bool {
        guard let host = Self.host(of: header.lowercased()) else {
            return false
        }
        let bare = Self.bare(host)
        if names.contains(bare) {
            return true
        }
        return host.hasPrefix("[") ? allowsIPv6 && Self.isIPv6(bare) : allowsIPv4 && Self.isIPv4(bare)
    }

    /// The host of `host`, `host:port`, `[address]` and `[address]:port`; nil for anything else.
    private static func host(of header: String) -> String? {
        let end: String.Index
        if header.hasPrefix("[") {
            guard let bracket = header.firstIndex(of: "]") else { return nil }
            end = header.index(after: bracket)
        } else {
            end = header.firstIndex(of: ":") ?? header.endIndex
        }
        let port = header[end...]
        guard port.isEmpty || (port.first == ":" && port.dropFirst().utf8.allSatisfy { (0x30...0x39).contains($0) })
        else {
            return nil
        }
        return end == header.startIndex ? nil : String(header[..<end])
    }

    /// Without the brackets of an IPv6 address, and without the dot that ends a full name.
    private static func bare(_ host: String) -> String {
        if host.hasPrefix("["), host.hasSuffix("]") {
            String(host.dropFirst().dropLast())
        } else if host.hasSuffix("."), host.utf8.count > 1 {
            String(host.dropLast())
        } else {
            host
        }
    }

    private static func isIPv4(_ host: String) -> Bool {
        let parts = host.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                (1...3).contains(part.count) && part.allSatisfy { (0x30...0x39).contains($0) }
            }
    }

    private static func isIPv6(_ host: String) -> Bool {
        host.utf8.contains(UInt8(ascii: ":"))
            && host.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x61...0x66, UInt8(ascii: ":"), UInt8(ascii: "."): true
                default: false
                }
            }
    }
}
