import Glibc

extension StorageFile {
    /// Writes all of `bytes` at `offset`.
    package func writeAll(_ bytes: RawSpan, at offset: Int) throws(StorageFault) {
        var written = 0
        while written < bytes.byteCount {
            let rest = bytes.extracting(written...)
            written += try rest.withUnsafeBytes { (rest) throws(StorageFault) in
                try write(rest, at: offset + written)
            }
        }
    }

    /// `byteCount` bytes from `offset` on, or as many as there are before the end.
    package func read(at offset: Int, byteCount: Int) throws(StorageFault) -> [UInt8] {
        let rest = max(0, try self.byteCount() - offset)
        let wanted = min(byteCount, rest)
        guard wanted > 0 else { return [] }
        var fault: StorageFault?
        let bytes = [UInt8](unsafeUninitializedCapacity: wanted) { target, count in
            do throws(StorageFault) {
                count = try read(at: offset, into: UnsafeMutableRawBufferPointer(target))
            } catch {
                fault = error
            }
        }
        if let fault { throw fault }
        return bytes
    }
}

extension StorageFault {
    /// The disk, or what this user may use of it, is full.
    package var isDiskFull: Bool { code == ENOSPC || code == EDQUOT }

    /// The disk or its file system cannot give back what was written.
    package var isDamage: Bool { code == EIO || code == EUCLEAN || code == EBADMSG }
}

extension StorageFault: CustomStringConvertible {
    package var description: String {
        "\(name): \(operation.rawValue): \(text)"
    }

    /// The system's words.
    package var text: String {
        String(cString: strerror(code))
    }
}
