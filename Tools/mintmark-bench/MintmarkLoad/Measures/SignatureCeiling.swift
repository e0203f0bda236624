import MintmarkCrypto

/// What one core of this machine can do at most where nothing but signatures is made or checked: a server that seems to
/// do more answers from a cache, or wrongly.
struct SignatureCeiling: Hashable, Sendable {
    let signsPerSecond: Double
    let verifiesPerSecond: Double

    /// Of this machine; found out once, in a twentieth of a second.
    static let ofThisMachine = SignatureCeiling()

    private static let nanoseconds: Int64 = 25_000_000
    /// As long as a token's.
    private static let message = [UInt8](repeating: UInt8(ascii: "m"), count: 250)

    private init() {
        let key = Ed25519SigningKey(random: SystemRandom())
        var signature: [UInt8] = []
        key.sign(Self.message.span.bytes, appendingTo: &signature)
        signsPerSecond = Self.perSecond {
            signature.removeAll(keepingCapacity: true)
            key.sign(Self.message.span.bytes, appendingTo: &signature)
        }
        let publicKey = key.publicKey
        verifiesPerSecond = Self.perSecond {
            let isGood = publicKey.verifies(signature: signature.span.bytes, message: Self.message.span.bytes)
            precondition(isGood, "a signature that was just made is good")
        }
    }

    private static func perSecond(_ body: () -> Void) -> Double {
        let start = ProcessorTime.ofThread()
        var count = 0
        while ProcessorTime.ofThread() - start < nanoseconds {
            body()
            count += 1
        }
        return Double(count) * 1e9 / Double(ProcessorTime.ofThread() - start)
    }

    var text: String {
        "a core of this machine makes \(Text.number(signsPerSecond, decimals: 0)) signatures/s and checks "
            + "\(Text.number(verifiesPerSecond, decimals: 0))/s: more than that comes from a cache"
    }
}
