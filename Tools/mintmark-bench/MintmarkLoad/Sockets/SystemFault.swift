import Glibc

/// A system call that failed.
struct SystemFault: Error, Hashable, CustomStringConvertible {
    /// The call's name.
    let call: String
    /// What `errno` held, or what says it in other words.
    let reason: String
    /// What `errno` held; 0 where something else says what failed.
    let code: Int32

    init(_ call: String, code: Int32 = errno) {
        self.call = call
        self.code = code
        reason = String(cString: strerror(code))
    }

    init(_ call: String, reason: String) {
        self.call = call
        self.reason = reason
        code = 0
    }

    var description: String { "\(call): \(reason)" }
}
