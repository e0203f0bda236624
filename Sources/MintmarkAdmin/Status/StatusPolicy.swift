import MintmarkCrypto

/// What a browser may do with the page: apply its one style, run its one script, ask this server for news, and nothing else.
enum StatusPolicy {
    /// A Content-Security-Policy header.
    static let text = """
        default-src 'none'; style-src '\(hash(of: StatusStyle.sheet))'; script-src '\(hash(of: StatusScript.text))'; \
        connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
        require-trusted-types-for 'script'; trusted-types 'none'
        """

    private static func hash(of text: String) -> String {
        var digest: [UInt8] = []
        SHA256.hash(Array(text.utf8).span.bytes, appendingTo: &digest)
        var base64: [UInt8] = []
        Base64URL.encode(digest.span.bytes, appendingTo: &base64)
        let standard = base64.map { byte in
            switch byte {
            case UInt8(ascii: "-"): UInt8(ascii: "+")
            case UInt8(ascii: "_"): UInt8(ascii: "/")
            default: byte
            }
        }
        // 32 bytes leave a place for one character of padding.
        return "sha256-\(String(decoding: standard, as: UTF8.self))="
    }
}
