import CSodium

/// The start of libsodium.
package enum Sodium {
    /// Makes libsodium ready: seeds its generator, picks its fastest code for this processor. Idempotent and safe from
    /// any thread; only the first call does work.
    ///
    /// Every initialiser in this module that needs libsodium calls this itself, so that a value that exists proves that
    /// the library is ready, and the methods of such a value (sign, verify, authenticate) do not check again.
    ///
    /// Stops the process when libsodium cannot start, which happens only where the system has no random numbers:
    /// nothing here could go on safely.
    package static func start() {
        started
    }

    private static let started: Void = {
        let result = sodium_init()
        precondition(result >= 0, "libsodium could not start: sodium_init() = \(result)")
    }()
}

extension [UInt8] {
    /// Overwrites the bytes with zeros, for arrays that had to hold a secret for a moment. A copy of the array is another
    /// array.
    package mutating func wipe() {
        withUnsafeMutableBytes { sodium_memzero($0.baseAddress, $0.count) }
    }
}
