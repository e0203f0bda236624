import Glibc

/// A system call that failed.
struct SystemFault: Error, Hashable, CustomStringConvertible {
    /// The call's name.
    let call: String
    /// What `errno` held, or what says it in other words.
    let reason: String

    init(_ call: String, code: Int32 = errno) {
        self.call = call
        reason = String(cString: strerror(code))
    }

    init(_ call: String, reason: String) {
        self.call = call
        self.reason = reason
    }

    var description: String { "\(call): \(reason)" }
}
