/// Since when bytes have waited in a socket: a bound, in general not later than they did.
///
/// The system does not tell. But a read that leaves bytes behind knows how many have come before it; so of what is read
/// later, those have waited since the read before, and the others came after it. Nanoseconds on the clock of bursts.
struct SocketWait {
    /// Since when the first bytes may have waited; nil where none do that anybody knows of.
    private(set) var since: UInt64?
    /// How many bytes are known to have come before `sinceBehind`.
    private var frontCount = 0
    /// Since when what stands behind those may have waited.
    private var sinceBehind: UInt64 = 0

    /// Bytes have come since `time`, to a socket that had none.
    mutating func arrived(since time: UInt64) {
        since = time
        frontCount = 0
        sinceBehind = time
    }

    /// A read has left nothing behind.
    mutating func drained() {
        since = nil
    }

    /// A read took `count` bytes and left `left`. What comes where nothing was left has not waited yet.
    mutating func took(_ count: Int, leaving left: Int, now: UInt64) {
        if left == 0 {
            drained()
        } else if count < frontCount {
            frontCount -= count
        } else {
            since = sinceBehind
            frontCount = left
            sinceBehind = now
        }
    }

    /// What waited until now did so for the peer's sake.
    mutating func restart(now: UInt64) {
        if since != nil {
            arrived(since: now)
        }
    }
}
