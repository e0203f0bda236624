import Glibc

/// A thread of the system's, for work that waits for a disk.
package final class SystemThread: Sendable {
    private let name: String
    private let isInBackground: Bool
    private let body: @Sendable () -> Void

    /// Others that want the processor go first, by ten to one; on a machine that is always busy it still gets on.
    private static let backgroundNiceness: Int32 = 10

    private init(name: String, isInBackground: Bool, _ body: @escaping @Sendable () -> Void) {
        self.name = name
        self.isInBackground = isInBackground
        self.body = body
    }

    /// Starts a thread that ends when `body` returns.
    ///
    /// - Parameters:
    ///   - name: at most 15 characters, for whoever looks at the process.
    ///   - isInBackground: whether others that want the processor go first.
    package static func start(name: String, isInBackground: Bool, _ body: @escaping @Sendable () -> Void) {
        let thread = SystemThread(name: name, isInBackground: isInBackground, body)
        let code = begin(Unmanaged.passRetained(thread).toOpaque())
        precondition(code == 0, "no thread for \(name): \(String(cString: strerror(code)))")
    }

    private static func begin(_ argument: UnsafeMutableRawPointer) -> Int32 {
        var id = pthread_t()
        let code = pthread_create(&id, nil, runSystemThread, argument)
        if code == 0 {
            pthread_detach(id)
        }
        return code
    }

    fileprivate func run() {
        nameThread()
        if isInBackground {
            // On Linux this is about the calling thread only. Where it is not allowed, it is not needed either.
            setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Self.backgroundNiceness)
        }
        body()
    }

    /// Names the calling thread, for whoever looks at the process.
    private func nameThread() {
        let descriptor = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        // A thread without a name works as well.
        _ = write(descriptor, name, name.utf8.count)
        close(descriptor)
    }
}

/// Where a thread begins: its argument is a retained `SystemThread`.
private func runSystemThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    Unmanaged<SystemThread>.fromOpaque(argument).takeRetainedValue().run()
    return nil
}
