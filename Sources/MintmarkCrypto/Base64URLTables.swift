/// The lookup tables of ``Base64URL`` and the loops over them.
///
/// Made once and never freed or changed. The loops take the tables' addresses as locals, so that a lookup is one load.
struct Base64URLTables: Sendable {
    // Immutable after init, hence shareable although raw addresses are not Sendable by themselves.
    private nonisolated(unsafe) let characterPairs: UnsafePointer<UInt16>
    private nonisolated(unsafe) let shiftedValues: UnsafePointer<UInt32>

    /// A bit above the 24 that four characters carry; set in the lookup of every character outside of the alphabet.
    private static let invalid: UInt32 = 1 << 31

    /// Builds both tables: 8 KiB to encode, 4 KiB to decode.
    init() {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

        // Index: 12 bits of input. Entry: their two characters, in memory order.
        let pairs = UnsafeMutablePointer<UInt16>.allocate(capacity: 4096)
        for index in 0..<4096 {
            let pair = UInt16(alphabet[index >> 6]) | UInt16(alphabet[index & 63]) << 8
            (pairs + index).initialize(to: pair.littleEndian)
        }

        // Four tables of 256, one per position in a group of four characters. Entry: the character's six bits, shifted
        // to where they belong in the group's 24.
        let values = UnsafeMutablePointer<UInt32>.allocate(capacity: 4 * 256)
        values.initialize(repeating: Self.invalid, count: 4 * 256)
        for (value, character) in alphabet.enumerated() {
            for position in 0..<4 {
                values[position * 256 + Int(character)] = UInt32(value) << (18 - 6 * position)
            }
        }
        characterPairs = UnsafePointer(pairs)
        shiftedValues = UnsafePointer(values)
    }

    /// Writes the encoding of the `count` bytes at `source` to `target`, which has room for exactly that.
    func encode(_ source: UnsafePointer<UInt8>, count: Int, to target: UnsafeMutableRawPointer) {
        let pairs = characterPairs
        var read = 0
        var written = 0

        // Six bytes, eight characters a step. A step loads eight bytes and leaves the last two for the next one.
        while read + 8 <= count {
            let word = UInt64(bigEndian: UnsafeRawPointer(source + read).loadUnaligned(as: UInt64.self))
            for pair in 0..<4 {
                let index = Int(truncatingIfNeeded: word >> UInt64(52 - 12 * pair)) & 4095
                target.storeBytes(of: pairs[index], toByteOffset: written + 2 * pair, as: UInt16.self)
            }
            read += 6
            written += 8
        }
        while read + 3 <= count {
            let group = Int(source[read]) << 16 | Int(source[read + 1]) << 8 | Int(source[read + 2])
            target.storeBytes(of: pairs[group >> 12], toByteOffset: written, as: UInt16.self)
            target.storeBytes(of: pairs[group & 4095], toByteOffset: written + 2, as: UInt16.self)
            read += 3
            written += 4
        }
        encodeLast(source + read, count: count - read, to: target + written)
    }

    /// The incomplete group of 0, 1 or 2 bytes at the end.
    private func encodeLast(_ source: UnsafePointer<UInt8>, count: Int, to target: UnsafeMutableRawPointer) {
        guard count > 0 else { return }
        let group = Int(source[0]) << 16 | (count == 2 ? Int(source[1]) << 8 : 0)
        target.storeBytes(of: characterPairs[group >> 12], as: UInt16.self)
        guard count == 2 else { return }
        let lastPair = UInt16(littleEndian: characterPairs[group & 4095])
        target.storeBytes(of: UInt8(truncatingIfNeeded: lastPair), toByteOffset: 2, as: UInt8.self)
    }

    /// Writes the bytes that the `count` characters at `source` encode to `target`, which has room for exactly that.
    /// False, with unspecified bytes written, when they encode none.
    func decode(_ source: UnsafePointer<UInt8>, count: Int, to target: UnsafeMutableRawPointer) -> Bool {
        var seen: UInt32 = 0
        var read = 0
        var written = 0

        // Eight characters, six bytes a step. A step stores eight bytes, the last two of which the next step overwrites,
        // so it runs only while another group of at least three bytes follows.
        while read + 12 <= count {
            let first = group(source + read)
            let second = group(source + read + 4)
            seen |= first | second
            let word = UInt64(first) << 40 | UInt64(second) << 16
            target.storeBytes(of: word.bigEndian, toByteOffset: written, as: UInt64.self)
            read += 8
            written += 6
        }
        while read + 4 <= count {
            let bits = group(source + read)
            seen |= bits
            target.storeBytes(of: UInt8(truncatingIfNeeded: bits >> 16), toByteOffset: written, as: UInt8.self)
            target.storeBytes(of: UInt8(truncatingIfNeeded: bits >> 8), toByteOffset: written + 1, as: UInt8.self)
            target.storeBytes(of: UInt8(truncatingIfNeeded: bits), toByteOffset: written + 2, as: UInt8.self)
            read += 4
            written += 3
        }
        guard seen & Self.invalid == 0 else { return false }
        return decodeLast(source + read, count: count - read, to: target + written)
    }

    /// The 24 bits of four characters, with `invalid` set when one of them is outside of the alphabet.
    @inline(__always)
    private func group(_ source: UnsafePointer<UInt8>) -> UInt32 {
        shiftedValues[Int(source[0])]
            | shiftedValues[256 + Int(source[1])]
            | shiftedValues[512 + Int(source[2])]
            | shiftedValues[768 + Int(source[3])]
    }

    /// The incomplete group of 0, 2 or 3 characters at the end, whose spare low bits must be zero.
    func decodeLast(_ source: UnsafePointer<UInt8>, count: Int, to target: UnsafeMutableRawPointer) -> Bool {
        guard count > 0 else { return true }
        var bits = shiftedValues[Int(source[0])] | shiftedValues[256 + Int(source[1])]
        target.storeBytes(of: UInt8(truncatingIfNeeded: bits >> 16), as: UInt8.self)
        if count == 3 {
            bits |= shiftedValues[512 + Int(source[2])]
            target.storeBytes(of: UInt8(truncatingIfNeeded: bits >> 8), toByteOffset: 1, as: UInt8.self)
        }
        let spare: UInt32 = count == 3 ? 0xFF : 0xFFFF
        return bits & (Self.invalid | spare) == 0
    }
}
