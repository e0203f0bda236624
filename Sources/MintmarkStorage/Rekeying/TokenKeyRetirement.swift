import MintmarkSessions

/// Decides which keys of refresh tokens a store still needs.
///
/// A key is needed as long as there is a record of a session that may have been given a token of its epochs: one that was
/// opened before the next key came. Even a token long rotated away must still be told from a forged one, because whoever
/// shows it gives the session's theft away.
struct TokenKeyRetirement {
    /// The keys of the store, in no particular order; those that are not needed are retired.
    let keys: [RefreshTokenKey]

    init(of store: SessionStore) {
        // By first epoch, descending: a key's epochs end where those of the one before it begin.
        let keys = store.tokenKeys
        var oldest = UInt64.max
        for number in 0..<store.shardCount {
            store.copyShard(number).forEach { record in
                guard !record.state.isTombstone else { return }
                // An epoch may lie before the session's beginning, which is told on another clock.
                let epoch = min(record.state.current.epoch, record.state.previousEpoch ?? record.state.current.epoch)
                oldest = min(oldest, record.state.createdSeconds * 1_000, epoch.wallMilliseconds)
            }
        }
        self.keys = keys.enumerated().map { index, key in
            // The newest has no end. An instant is rounded up to the second that a session's beginning is told in.
            let end = index == 0 ? UInt64.max : keys[index - 1].firstEpoch.wallMilliseconds + 999
            return oldest < end ? key : key.retired
        }
    }
}
