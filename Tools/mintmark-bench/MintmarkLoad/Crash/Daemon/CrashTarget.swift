import Glibc

/// What is killed and started again: the daemon, or in a test something that stands in for it.
///
/// Confined to the thread that runs the crash test.
protocol CrashTarget: AnyObject {
    /// Where its store lies.
    var directory: String { get }
    /// Starts it, and returns when it is ready to serve.
    func start() throws(LoadFailure) -> ServerAddress
    /// Whether it runs.
    var isRunning: Bool { get }
    /// Ends it at once, and returns when it is gone.
    func kill()
    /// Asks it to stop, and returns its exit code when it has; nil if it does not stop in time.
    func stop() -> Int32?
    /// The last that it said, for people.
    var lastWords: [String] { get }
}
