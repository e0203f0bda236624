package import NIOCore

/// What HTTP may cost: one connection, and the status page. Immutable.
package struct AdminLimits: Sendable {
    /// Longest header field, its name with its value, and longest request target; bytes. The longest access token fits
    /// into an Authorization header.
    package var headerFieldLengthMax = 9 * 1024
    /// Longest header, all fields and the request target together; bytes.
    package var headerLengthMax = 16 * 1024
    package var headerFieldsMax = 64
    /// Longest body. Nothing here reads one: this is what is read and thrown away; bytes.
    package var bodyLengthMax = 16 * 1024
    /// From a request's first byte to its last.
    package var requestTimeout = TimeAmount.seconds(10)
    /// From a request's last byte until its answer was taken.
    package var answerTimeout = TimeAmount.seconds(10)
    /// After so long a connection whose peer does not take its answer gives way to another where all places are taken.
    package var stallTime = TimeAmount.seconds(1)
    /// What is read at a time, and so what waits behind a request that is being answered, unless the peer has ended its
    /// side; bytes.
    package var readLengthMax = 4 * 1024
    /// What may wait behind a request where the peer has ended its side; bytes.
    package var heldLengthMax = 32 * 1024
    /// How long a connection may stay open between requests, and before the first.
    package var idleTimeout = TimeAmount.seconds(75)
    /// How long input is thrown away behind the last answer, so that the peer reads that before any reset.
    package var lingerTime = TimeAmount.seconds(1)
    /// Open connections of one listener. Another one takes the place of one whose peer asks for more than it takes, or of
    /// the one that has been idle the longest, or has been sending a request for longest; where all are being answered, it
    /// is closed at once.
    package var connectionsMax = 128
    /// The same for a listener that proxies ask: every request to the services behind them comes by it.
    package static let proxyConnectionsMax = 512

    /// What the status page compares with is at least so far apart.
    package var statusSampleInterval = TimeAmount.seconds(4)
    /// So far back the status page looks.
    package var statusWindow = TimeAmount.seconds(300)
    /// Samples kept for it: as many as the window has intervals. Each has about 3 KiB.
    package var statusSamplesMax = 75

    package init() {}
}
