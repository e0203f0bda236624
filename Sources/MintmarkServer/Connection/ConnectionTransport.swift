import NIOCore

/// What carries the bytes of one connection. Confined to its event loop.
///
/// A transport tells its `Connection` of what comes, in this order: `opened`, then any number of `received`,
/// `transportKeeps`, `inputEnded`, `outputTaken`, `writabilityChanged` and `failed`, and `closed` as the last. After each `received` it calls `readRequested`. It may call
/// from within `write` and `sendUnsent`, never from within another of the functions here.
protocol ConnectionTransport: AnyObject {
    var eventLoop: any EventLoop { get }

    /// Whether the peer reads what is written now: false while TLS is being established.
    var carriesWords: Bool { get }

    /// Whether no TLS stands between this transport and the peer.
    var isClear: Bool { get }

    /// Whether the authority that vouched for the caller is one of the newest; true for a caller without a certificate.
    var isVouchedFor: Bool { get }

    /// Bytes that were written and that the system has not taken; nil when that is not known.
    var unsentCount: Int? { get }

    /// Offers the system once more what it has not taken: it tells of room only when there is much.
    func sendUnsent()

    /// Where the peer comes from; nil while that is not known.
    func findOrigin() -> ConnectionOrigin?

    /// Where the peer comes from, for people.
    func peerText(_ origin: ConnectionOrigin?) -> String

    /// Takes what stands in the worker's writer, leaves that empty, and sends as much as can be sent now.
    func write(outputOf worker: LoopWorker)

    /// Whether reading waits for the connection's turn, because what follows from it takes long; false at first.
    var readsInTurn: Bool { get set }

    /// Calls the connection's `turnCame` when it is its turn on the loop.
    func awaitTurn()

    /// Reads once more, when there is something to read.
    func read()

    /// What has not been read yet waits because the connection had no room for it: its wait for the server begins now.
    func restartWait()

    /// Ends the sending side when everything is sent, and calls `whenEnded` then.
    func endOutput(_ whenEnded: @escaping () -> Void)

    /// Closes when everything is sent.
    func closeWhenSent()

    /// Closes at once.
    func close()
}
