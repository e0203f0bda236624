import CLibCrypto

/// The start of libcrypto, and the manners of its calls.
enum LibCrypto {
    /// Makes libcrypto ready, without its configuration file: which keys can be read must not depend on a file or an
    /// environment variable that no operator of this program knows of. Idempotent, safe from any thread.
    static func start() {
        started
    }

    private static let started: Void = {
        let result = OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_LOAD_CONFIG), nil)
        precondition(result == 1, "libcrypto could not start")
    }()

    /// Runs `body` and empties this thread's queue of libcrypto's errors, which nobody else would read.
    static func call<Result>(
        _ body: () throws(KeyFileError) -> Result
    ) throws(KeyFileError) -> Result {
        start()
        defer { ERR_clear_error() }
        return try body()
    }
}
