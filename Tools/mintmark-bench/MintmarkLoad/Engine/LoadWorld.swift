/// What a generator's thread stands on: a clock, waiting, and streams. The kernel's in the tool, a simulated one in
/// tests, where a minute takes milliseconds.
///
/// Confined to the thread that uses it.
protocol LoadWorld: ~Copyable {
    associatedtype Stream: LoadStream

    /// Nanoseconds since some moment; never goes back.
    func now() -> Int64

    /// How long this thread had a processor, in nanoseconds.
    func processorNanoseconds() -> Int64

    /// Sleeps until an instant.
    func sleep(until instant: Int64)

    /// Watches a stream for reading; `tag` is what events name it by.
    func add(_ stream: Stream, tag: Int) throws(SystemFault)

    /// Says whether to wait for writing, too.
    func setWantsWriting(_ wantsWriting: Bool, _ stream: Stream, tag: Int)

    func remove(_ stream: Stream)

    /// Waits until a stream has something to say, or the time is over; returns how many do.
    func wait(nanosecondsMax: Int64) -> Int

    /// What the last wait told.
    func event(_ index: Int) -> Poller.Event

    /// Opens one more stream to the server, handshakes included. Blocks for as long as that takes.
    func connect() throws(LoadFailure) -> Stream
}

/// One end of a connection. Reading and writing answer as `recv` and `send` do, with `errno` for the reason.
protocol LoadStream {
    /// Reads and writes do not wait from here on.
    func stopBlocking()

    func send(_ bytes: UnsafeRawBufferPointer) -> Int

    func receive(into room: UnsafeMutableRawBufferPointer) -> Int

    /// Whether bytes were read already that nobody has taken: waiting will not tell of them.
    var hasPending: Bool { get }
}

extension ServerStream: LoadStream {}

/// The kernel's clock and its epoll.
struct KernelWorld: ~Copyable, LoadWorld {
    private let poller: Poller
    private let address: ServerAddress

    init(address: ServerAddress, eventsMax: Int) throws(SystemFault) {
        poller = try Poller(eventsMax: eventsMax)
        self.address = address
    }

    @inline(__always)
    func now() -> Int64 { MonotonicClock.now() }

    func processorNanoseconds() -> Int64 { ProcessorTime.ofThread() }

    func sleep(until instant: Int64) { MonotonicClock.sleep(until: instant) }

    func add(_ stream: ServerStream, tag: Int) throws(SystemFault) {
        try poller.add(stream.descriptor, tag: tag)
    }

    func setWantsWriting(_ wantsWriting: Bool, _ stream: ServerStream, tag: Int) {
        poller.setWantsWriting(wantsWriting, stream.descriptor, tag: tag)
    }

    func remove(_ stream: ServerStream) { poller.remove(stream.descriptor) }

    @inline(__always)
    func wait(nanosecondsMax: Int64) -> Int { poller.wait(nanosecondsMax: nanosecondsMax) }

    @inline(__always)
    func event(_ index: Int) -> Poller.Event { poller[index] }

    func connect() throws(LoadFailure) -> ServerStream { try SetupConnection(to: address).takeStream() }
}
