import CSodium

/// Where random bytes come from. Code below the operating-system ring draws randomness from nothing else, so that tests
/// can replay it.
package protocol RandomSource: Sendable {
    /// Overwrites all of `bytes` with random bytes. Callable from any thread.
    func fill(_ bytes: UnsafeMutableRawBufferPointer)
}

/// The cryptographic generator of the operating system, through libsodium.
package struct SystemRandom: RandomSource {
    package init() {
        Sodium.start()
    }

    package func fill(_ bytes: UnsafeMutableRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        randombytes_buf(start, bytes.count)
    }
}
