import CSodium

/// SipHash-2-4 with a 64-bit result: a hash for tables whose keys come from outside.
///
/// With a random key that never leaves the process nobody outside can choose inputs that collide. It authenticates
/// nothing: 64 bits are too short, equal hashes do not prove equal inputs. A plain value, which allocates nothing; its
/// key is therefore in ordinary memory.
package struct SipHash: Sendable {
    /// The length of a key, in bytes.
    package static let keyByteCount = 16

    private let key: SIMD16<UInt8>

    /// Draws a key from `random`.
    package init(random: some RandomSource) {
        Sodium.start()
        var key = SIMD16<UInt8>()
        withUnsafeMutableBytes(of: &key) { random.fill($0) }
        self.key = key
    }

    /// The hash of `bytes`: the eight result bytes as a little-endian number.
    package func hash(_ bytes: RawSpan) -> UInt64 {
        var hash = InlineArray<8, UInt8>(repeating: 0)
        hash.withUnsafeMutableCharacters { target in
            withUnsafePointer(to: key) { key in
                key.withMemoryRebound(to: UInt8.self, capacity: Self.keyByteCount) { key in
                    bytes.withUnsafeCharacters { start in
                        _ = crypto_shorthash(target, start, UInt64(bytes.byteCount), key)
                    }
                }
            }
        }
        return UInt64(littleEndian: hash.span.bytes.unsafeLoadUnaligned(as: UInt64.self))
    }
}
