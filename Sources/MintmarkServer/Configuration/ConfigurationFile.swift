import Glibc

/// Why a configuration file could not be read; the system's words.
package struct ConfigurationFileError: Error, Sendable, Equatable {
    package let reason: String

    package init(reason: String) {
        self.reason = reason
    }
}

/// Reads configuration files from the file system.
package enum ConfigurationFile {
    /// Greatest configuration file: 1 MiB.
    package static let lengthMax = 1 << 20

    /// The contents of the file at `path`, cut one byte behind ``lengthMax`` so that the excess shows.
    ///
    /// Waits for the disk. A regular file only: who reads a pipe waits for whoever writes it, for ever.
    package static func read(_ path: String) throws(ConfigurationFileError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard descriptor >= 0 else { throw ConfigurationFileError(errorNumber: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw ConfigurationFileError(errorNumber: errno) }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw ConfigurationFileError(errorNumber: EISDIR)
        default: throw ConfigurationFileError(reason: "no regular file")
        }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count <= lengthMax {
            let wanted = min(chunk.count, lengthMax + 1 - bytes.count)
            let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, wanted) }
            if count == 0 { break }
            if count > 0 {
                bytes += chunk[..<count]
            } else if errno != EINTR {
                throw ConfigurationFileError(errorNumber: errno)
            }
        }
        return bytes
    }
}

extension ConfigurationFileError {
    fileprivate init(errorNumber: Int32) {
        self.init(reason: String(cString: strerror(errorNumber)))
    }
}
