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

    /// Watches a stream for reading; `tag`, which is not negative, is what events name it by.
    func add(_ stream: Stream, tag: Int) throws(SystemFault)

    /// Says whether to wait for writing, too.
    func setWantsWriting(_ wantsWriting: Bool, _ stream: Stream, tag: Int)

    func remove(_ stream: Stream)

    /// Waits until a stream has something to say, a connection was opened, or the time is over; returns how many events
    /// there are.
    func wait(nanosecondsMax: Int64) -> Int

    /// What the last wait told; with a negative tag, that there may be something to take with `takeOpened`.
    func event(_ index: Int) -> Poller.Event

    /// Opens one more stream to the server, handshakes included. Blocks for as long as that takes.
    ///
    /// - Parameters:
    ///   - nanosecondsMax: How long each step may take.
    ///   - onStep: Told of each step when it is done.
    func connect(nanosecondsMax: Int64, onStep: (HandshakeStep) -> Void) throws(LoadFailure) -> Stream

    /// Begins to open one more stream; does not wait for it.
    func beginOpening(tag: Int) throws(SystemFault)

    /// A stream that was opened since, or why it was not.
    func takeOpened() -> OpenedStream<Stream>?
}

/// What became of a stream that was to be opened.
struct OpenedStream<Stream> {
    /// What it was asked for with.
    var tag: Int
    var result: Result<Stream, LoadFailure>
    /// How long it took.
    var nanoseconds: Int64
}

/// One end of a connection. Reading and writing answer as `recv` and `send` do, with `errno` for the reason.
protocol LoadStream {
    /// Reads and writes do not wait from here on.
    func stopBlocking()

    func send(_ bytes: UnsafeRawBufferPointer) -> Int

    func receive(into room: UnsafeMutableRawBufferPointer) -> Int

    /// Sends no more: the other side sees the stream's end.
    func endOutput()

    /// Whether bytes were read already that nobody has taken: waiting will not tell of them.
    var hasPending: Bool { get }
}

extension ServerStream: LoadStream {}

/// The kernel's clock and its epoll.
struct KernelWorld: ~Copyable, LoadWorld {
    private let poller: Poller
    private let address: ServerAddress
    private let opener: ConnectionOpener?

    /// What the poller names the opener's descriptor by: above any connection's number.
    private static let openerTag = Int(Int32.max)

    /// - Parameter opens: Whether more connections will be opened while there is load.
    init(address: ServerAddress, eventsMax: Int, opens: Bool = false, openNanosecondsMax: Int64) throws(SystemFault) {
        let poller = try Poller(eventsMax: eventsMax + 1)
        var opener: ConnectionOpener?
        if opens {
            let started = try ConnectionOpener { () throws(LoadFailure) in
                try SetupConnection(to: address, nanosecondsMax: openNanosecondsMax).takeStream()
            }
            try poller.add(started.descriptor, tag: Self.openerTag)
            opener = started
        }
        self.poller = poller
        self.address = address
        self.opener = opener
    }

    deinit {
        opener?.stop()
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
    func event(_ index: Int) -> Poller.Event {
        let event = poller[index]
        return event.tag == Self.openerTag ? Poller.Event(tag: -1, isWritable: false) : event
    }

    func connect(nanosecondsMax: Int64, onStep: (HandshakeStep) -> Void) throws(LoadFailure) -> ServerStream {
        try SetupConnection(to: address, nanosecondsMax: nanosecondsMax, onStep: onStep).takeStream()
    }

    func beginOpening(tag: Int) throws(SystemFault) {
        guard let opener else { throw SystemFault("open", reason: "no more connections were to be opened") }
        opener.begin(tag: tag)
    }

    func takeOpened() -> OpenedStream<ServerStream>? {
        opener?.take().map { OpenedStream(tag: $0.tag, result: $0.result, nanoseconds: $0.nanoseconds) }
    }
}
