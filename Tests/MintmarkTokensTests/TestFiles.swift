import Foundation

/// The folder that holds `Package.swift`.
let repositoryRoot = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

/// The folder of this test target.
let testFolder = URL(filePath: #filePath).deletingLastPathComponent()

extension [UInt8] {
    /// The bytes that pairs of hexadecimal digits spell; nil for anything else.
    init?(hexadecimal text: String) {
        guard text.utf8.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        var rest = text[...]
        while !rest.isEmpty {
            guard let byte = UInt8(rest.prefix(2), radix: 16) else { return nil }
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        self = bytes
    }
}
