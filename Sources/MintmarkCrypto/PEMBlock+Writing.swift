import CSodium

extension PEMBlock {
    /// The length of what one line holds, before encoding.
    private static let lineByteCount = 48

    /// The file of one block, in lines of 64 characters.
    static func write(_ label: Label, contents: RawSpan) -> SecretBytes {
        let lineCount = (contents.byteCount + lineByteCount - 1) / lineByteCount
        let characterCount = (contents.byteCount + 2) / 3 * 4
        let frameByteCount = "-----BEGIN -----\n-----END -----\n".utf8.count + 2 * label.text.utf8CodeUnitCount
        return SecretBytes(count: frameByteCount + characterCount + lineCount) { file in
            var writer = ByteWriter(target: file)
            writer.append("-----BEGIN ")
            writer.append(label.text)
            writer.append("-----\n")
            for start in stride(from: 0, to: contents.byteCount, by: lineByteCount) {
                let line = contents.extracting(start..<min(start + lineByteCount, contents.byteCount))
                writer.appendLine(encoding: line)
            }
            writer.append("-----END ")
            writer.append(label.text)
            writer.append("-----\n")
            precondition(writer.isFull, "a PEM file did not come out at its computed length")
        }
    }
}

/// Fills a region of known length from front to back.
private struct ByteWriter {
    private var rest: UnsafeMutableRawBufferPointer

    init(target: UnsafeMutableRawBufferPointer) {
        rest = target
    }

    var isFull: Bool { rest.isEmpty }

    mutating func append(_ text: StaticString) {
        rest.copyMemory(from: UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        advance(by: text.utf8CodeUnitCount)
    }

    /// Appends the base64 text of `bytes` and a line end.
    mutating func appendLine(encoding bytes: RawSpan) {
        // libsodium ends the text with a zero byte, which has its place where the line end goes.
        let count = sodium_base64_encoded_len(bytes.byteCount, sodium_base64_VARIANT_ORIGINAL)
        guard count <= rest.count, let target = rest.baseAddress else {
            preconditionFailure("a line of \(count) characters where \(rest.count) are left")
        }
        bytes.withUnsafeCharacters { start in
            _ = sodium_bin2base64(target, count, start, bytes.byteCount, sodium_base64_VARIANT_ORIGINAL)
        }
        rest[count - 1] = UInt8(ascii: "\n")
        advance(by: count)
    }

    private mutating func advance(by count: Int) {
        rest = UnsafeMutableRawBufferPointer(rebasing: rest[count...])
    }
}
