import NIOCore

/// The names under which a listener may be asked: whatever page a browser shows, it cannot make another name point here
/// and read what is told. Immutable.
package struct HostList: Sendable {
    /// A name or a numeric address, however it is spelled.
    private enum Host: Hashable {
        case name(String)
        case ipv4(String)
        /// As the system writes it: the shortest form, in lower case.
        case ipv6(String)

        /// - Parameter text: an IPv6 address with or without brackets.
        init(_ text: String) {
            let isBracketed = text.hasPrefix("[") && text.hasSuffix("]")
            let bare = isBracketed ? String(text.dropFirst().dropLast()) : text
            // A zone (`%eth0`) is this machine's affair, and no part of a name that others use.
            let isZoned = bare.utf8.contains(UInt8(ascii: "%"))
            let address = isZoned ? nil : try? SocketAddress(ipAddress: bare, port: 0)
            switch address {
            case .v6: self = .ipv6(address?.ipAddress ?? bare)
            case .v4 where !isBracketed: self = .ipv4(bare)
            default: self = .name(Self.undotted(text.lowercased()))
            }
        }

        /// Without the dot that ends a full name.
        private static func undotted(_ name: String) -> String {
            name.hasSuffix(".") && name.utf8.count > 1 ? String(name.dropLast()) : name
        }
    }

    private let hosts: Set<Host>
    /// Whether it listens on all addresses, of one family or of both: then each numeric one is its own. A page that means
    /// harm has a name, not a number.
    private let allowsIPv4: Bool
    private let allowsIPv6: Bool

    /// - Parameters:
    ///   - address: the host that it listens on, an IPv6 address without brackets.
    ///   - names: others that the operator allows, without ports; IPv6 addresses in brackets or without.
    package init(address: String, names: [String] = []) {
        let own = Host(address)
        hosts = Set((["localhost", "127.0.0.1", "::1"] + names).map(Host.init) + [own])
        allowsIPv6 = own == Host("::")
        allowsIPv4 = own == Host("0.0.0.0") || allowsIPv6
    }

    /// Whether a Host header names this server; its port does not matter.
    package func allows(_ header: String) -> Bool {
        guard let text = Self.host(of: header) else {
            return false
        }
        let host = Host(text)
        return switch host {
        case _ where hosts.contains(host): true
        case .ipv4: allowsIPv4
        case .ipv6: allowsIPv6
        case .name: false
        }
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
}
