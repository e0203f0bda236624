import Glibc

/// A call to the system that failed: its name, and the error number it left.
struct SocketFault: Error, Equatable, CustomStringConvertible {
    let call: String
    let code: Int32

    init(_ call: String, code: Int32 = errno) {
        self.call = call
        self.code = code
    }

    /// What the system says of it.
    var words: String { String(cString: strerror(code)) }

    var description: String { "\(call): \(words)" }
}
