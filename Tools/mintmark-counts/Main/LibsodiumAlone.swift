import Glibc
import MintmarkCrypto

/// What libsodium does alone: signs messages, or checks their signatures, which are made before.
struct LibsodiumAlone {
    private let key: Ed25519SigningKey
    private let messages: [[UInt8]]
    /// Empty where they are made.
    private var signatures: [[UInt8]] = []
    private var signature: [UInt8] = []
    private var next = 0

    /// How often in a row it is done before the clock is looked at.
    private static let countPerLook = 16

    /// - Parameter checks: Whether signatures are checked, and not made.
    init(_ key: Ed25519SigningKey, _ messages: [[UInt8]], checks: Bool) {
        self.key = key
        self.messages = messages
        guard checks else { return }
        signatures = messages.map { message in
            var signature: [UInt8] = []
            key.sign(message.span.bytes, appendingTo: &signature)
            return signature
        }
    }

    mutating func run(_ count: Int) {
        for _ in 0..<count {
            let message = messages[next]
            if signatures.isEmpty {
                signature.removeAll(keepingCapacity: true)
                key.sign(message.span.bytes, appendingTo: &signature)
            } else {
                let signature = signatures[next]
                let isGood = key.publicKey.verifies(signature: signature.span.bytes, message: message.span.bytes)
                precondition(isGood, "libsodium takes what it has signed")
            }
            next += 1
            if next == messages.count { next = 0 }
        }
    }

    /// How often it is done in a second, tried for so long; and how much of a processor the process had meanwhile.
    mutating func timesPerSecond(for seconds: Double) -> (count: Int, processorShare: Double) {
        let began = Self.seconds(CLOCK_MONOTONIC)
        let usedBefore = Self.seconds(CLOCK_PROCESS_CPUTIME_ID)
        var count = 0
        var passed = 0.0
        while passed < seconds {
            run(Self.countPerLook)
            count += Self.countPerLook
            passed = Self.seconds(CLOCK_MONOTONIC) - began
        }
        let used = Self.seconds(CLOCK_PROCESS_CPUTIME_ID) - usedBefore
        return (Int(Double(count) / passed), used / passed)
    }

    private static func seconds(_ clock: clockid_t) -> Double {
        var now = timespec()
        clock_gettime(clock, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
    }
}
