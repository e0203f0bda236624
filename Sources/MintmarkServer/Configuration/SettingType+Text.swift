import MintmarkProgram

extension SettingType where Value == String {
    /// Any text without control characters.
    static func text(bytesMax: Int) -> Self {
        text(named: "text", bytesMax: bytesMax, expectation: "text of 1 to \(bytesMax) bytes") { _ in true }
    }

    /// The name of an issuer. It is in every token and in print, so it must hold no secret.
    static func issuer(bytesMax: Int) -> Self {
        var type = text(bytesMax: bytesMax)
        let parse = type.parse
        type = Self(
            name: type.name,
            range: type.range,
            expectation: type.expectation,
            isText: true,
            parse: { text throws(SettingMismatch) in
                let issuer = try parse(text)
                guard !holdsPassword(issuer) else {
                    throw .secret(
                        "a URL with a password in it, which every token would tell; leave out what stands before @"
                    )
                }
                return issuer
            },
            render: type.render
        )
        return type
    }

    /// Whether a URL has a user with a password: `scheme://user:password@host`.
    private static func holdsPassword(_ text: String) -> Bool {
        guard let colon = text.firstRange(of: "://") else { return false }
        let authority = text[colon.upperBound...].prefix { !"/?#".contains($0) }
        guard let at = authority.lastIndex(of: "@") else { return false }
        return authority[..<at].contains(":")
    }

    /// A file or directory; a relative one starts from the daemon's working directory.
    static var path: Self {
        path(bytesMax: 4095)
    }

    /// The path of a Unix socket: `sun_path` has 108 bytes, the last of which is NUL.
    static var socketPath: Self {
        path(bytesMax: 107)
    }

    private static func path(bytesMax: Int) -> Self {
        let type = text(named: "path", bytesMax: bytesMax, expectation: "a path of 1 to \(bytesMax) bytes") { _ in true
        }
        return Self(
            name: type.name,
            range: type.range,
            expectation: type.expectation,
            isText: true,
            parse: { text throws(SettingMismatch) in
                let path = try type.parse(text)
                guard !path.hasPrefix("~") else { throw .refused("begins with ~, which only a shell replaces") }
                return path
            },
            render: type.render
        )
    }

    /// What the `typ` member of a JOSE header holds: a media type without `application/` (RFC 7515 section 4.1.9).
    static var tokenType: Self {
        text(named: "media type", bytesMax: 64, expectation: "a media type of 1 to 64 bytes, such as at+jwt") { text in
            text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: "!#$&-^_.+/".utf8.contains(byte)
                }
            }
        }
    }

    /// A name of a machine, or its numeric address; an IPv6 one in brackets.
    static var hostName: Self {
        text(named: "host name", bytesMax: 253, expectation: "a host name of 1 to 253 bytes without a port") { text in
            let isAddress = text.hasPrefix("[") && text.hasSuffix("]")
            return text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: (isAddress ? "[]:." : "-_.").utf8.contains(byte)
                }
            }
        }
    }

    private static func text(
        named name: String,
        bytesMax: Int,
        expectation: String,
        where isAccepted: @escaping @Sendable (String) -> Bool
    ) -> Self {
        Self(
            name: name,
            range: "1 to \(bytesMax) bytes",
            expectation: "\(expectation) without control characters",
            isText: true,
            parse: { text throws(SettingMismatch) in
                guard (1...bytesMax).contains(text.utf8.count), !text.unicodeScalars.contains(where: \.isControl),
                    isAccepted(text)
                else { throw .unexpected }
                return text
            },
            render: { $0 }
        )
    }
}

extension SettingType where Value == ListenAddress {
    /// An address of this machine.
    static var listenAddress: Self {
        Self(
            name: "address",
            range: "HOST:PORT",
            expectation: "HOST:PORT such as 127.0.0.1:7420, [::1]:7420 or localhost:0",
            parse: { text throws(SettingMismatch) in
                guard let address = ListenAddress(text) else { throw .unexpected }
                return address
            },
            render: { $0.description }
        )
    }
}
