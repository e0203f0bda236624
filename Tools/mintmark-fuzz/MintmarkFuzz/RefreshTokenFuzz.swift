import MintmarkCrypto
import MintmarkInMemory
import MintmarkSessions

/// Bytes as refresh tokens.
///
/// Text that is taken is the one spelling of a token, and one that the codec's key has made. With one bit changed it is
/// none.
package enum RefreshTokenFuzz {
    private static let codec: RefreshTokenCodec = {
        let master = SecretBytes(count: KeyDerivation.masterByteCount, random: RepeatableRandom())
        let keys = [
            RefreshTokenKey(id: 1, firstEpoch: StoreEpoch(rawValue: 0), master: master),
            RefreshTokenKey(id: 2, firstEpoch: StoreEpoch(rawValue: 1 << 20), master: master),
            RefreshTokenKey(id: 3, firstEpoch: StoreEpoch(rawValue: 1 << 40), master: nil),
        ]
        return RefreshTokenCodec(keys: keys)
    }()

    /// The input's first byte says what the rest is. Stops the process when something is not as it should be.
    package static func run(_ input: [UInt8]) {
        let rest = Array(input.dropFirst())
        switch input.first.map({ $0 % 2 }) {
        case 0: judge(rest)
        case 1: make(of: rest)
        default: break
        }
    }

    private static func judge(_ text: [UInt8]) {
        guard let token = codec.decode(text.span.bytes) else { return }
        precondition(encoded(token) == text, "a token has one spelling")
    }

    /// A token whose fields are the first bytes, in which the bit that the next ones tell is changed.
    private static func make(of fields: [UInt8]) {
        guard fields.count >= 30 else { return }
        func number(_ range: Range<Int>) -> UInt64 { fields[range].reduce(0) { $0 << 8 | UInt64($1) } }
        let epoch = StoreEpoch(rawValue: number(0..<8))
        guard codec.canEncode(epoch: epoch) else { return }
        let token = RefreshToken(
            sessionID: SessionID(high: number(8..<16), low: number(16..<24)),
            generation: TokenGeneration(epoch: epoch, number: UInt32(number(24..<28)))
        )
        var text = encoded(token)
        precondition(codec.decode(text.span.bytes) == token, "a token says what it was made of")
        let place = Int(number(28..<30))
        text[place / 8 % text.count] ^= 1 << UInt8(place % 8)
        precondition(codec.decode(text.span.bytes) == nil, "a token that was changed is none")
    }

    private static func encoded(_ token: RefreshToken) -> [UInt8] {
        var text: [UInt8] = []
        codec.encode(token, appendingTo: &text)
        return text
    }
}
