import CSodium

/// The one PEM block of a key file (RFC 7468 §3): where its contents are, and under which label.
///
/// Decodes and encodes in constant time, into guarded memory.
struct PEMBlock {
    /// The labels that are told apart.
    enum Label: CaseIterable {
        case privateKey
        case encryptedPrivateKey
        case publicKey
        case rsaPrivateKey
        case ecPrivateKey
        case dsaPrivateKey

        var text: StaticString {
            switch self {
            case .privateKey: "PRIVATE KEY"
            case .encryptedPrivateKey: "ENCRYPTED PRIVATE KEY"
            case .publicKey: "PUBLIC KEY"
            case .rsaPrivateKey: "RSA PRIVATE KEY"
            case .ecPrivateKey: "EC PRIVATE KEY"
            case .dsaPrivateKey: "DSA PRIVATE KEY"
            }
        }
    }

    let label: Label

    /// Where in the file the base64 text is, line ends included.
    private let text: Range<Int>

    /// Finds the block in `file`, without looking into the base64 text.
    init(_ file: RawSpan) throws(KeyFileError) {
        guard file.byteCount <= KeyFile.byteCountMax else { throw .tooLong }
        var scanner = ByteScanner()
        scanner.skipWhiteSpace(in: file)
        guard scanner.skip("-----BEGIN ", in: file) else { throw .notPEM }
        guard let label = Self.skipLabel(in: file, with: &scanner) else { throw .wrongContent }

        let start = scanner.offset
        scanner.skip(until: UInt8(ascii: "-"), in: file)
        text = start..<scanner.offset
        self.label = label

        let isClosed =
            scanner.skip("-----END ", in: file) && scanner.skip(label.text, in: file) && scanner.skip("-----", in: file)
        guard isClosed else { throw .notPEM }
        scanner.skipWhiteSpace(in: file)
        guard scanner.offset == file.byteCount else { throw .notPEM }
    }

    private static func skipLabel(in file: RawSpan, with scanner: inout ByteScanner) -> Label? {
        for label in Label.allCases {
            var ahead = scanner
            if ahead.skip(label.text, in: file) && ahead.skip("-----", in: file) {
                scanner = ahead
                return label
            }
        }
        return nil
    }

    /// The decoded contents; `file` is what the block was found in.
    func contents(of file: RawSpan) throws(KeyFileError) -> SecretBytes {
        let text = file.extracting(text)
        let byteCount = try Self.decodedCount(text)
        return try SecretBytes(characterCount: byteCount) { (target) throws(KeyFileError) in
            var decodedCount = 0
            let result = text.withUnsafeBytes { text in
                sodium_base642bin(
                    target,
                    byteCount,
                    text.baseAddress,
                    text.count,
                    "\r\n",
                    &decodedCount,
                    nil,
                    sodium_base64_VARIANT_ORIGINAL
                )
            }
            guard result == 0, decodedCount == byteCount else { throw .malformed }
        }
    }

    /// How many bytes `text` decodes to, if it decodes: by its length without line ends and padding.
    private static func decodedCount(_ text: RawSpan) throws(KeyFileError) -> Int {
        var characterCount = 0
        var paddingCount = 0
        for offset in 0..<text.byteCount {
            switch text.byte(at: offset) {
            case UInt8(ascii: "\r"), UInt8(ascii: "\n"): continue
            case UInt8(ascii: "="): paddingCount += 1
            default: characterCount += 1
            }
        }
        let count = characterCount * 3 / 4
        guard count > 0, paddingCount <= 2, (characterCount + paddingCount) % 4 == 0 else { throw .malformed }
        return count
    }
}
