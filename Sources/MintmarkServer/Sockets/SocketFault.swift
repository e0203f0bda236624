import Glibc

/// A call to the system that failed: its name, and the error number it left.
struct SocketFault: Error, Equatable, CustomStringConvertible {
    let call: String
    let code: Int32

    init(_ call: String, code: Int32 = errno) {
        self.call = call
        self.code = code
    }

    var description: String { "\(call): \(String(cString: strerror(code)))" }
}
