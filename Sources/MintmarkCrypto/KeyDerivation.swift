import CSodium

/// Derivation of independent keys from one master key (libsodium's `crypto_kdf`: BLAKE2b with the id as salt and the
/// context as personalisation).
package enum KeyDerivation {
    /// The length of a master key, in bytes.
    package static let masterByteCount = 32

    /// The lengths a derived key may have, in bytes.
    package static let derivedByteCounts = 16...64

    /// The key number `id` of `master` for one purpose.
    ///
    /// - Parameters:
    ///   - master: 32 bytes.
    ///   - context: names the purpose, exactly 8 ASCII characters.
    ///   - id: the number of the key among those for this purpose.
    ///   - count: the length of the derived key, 16 to 64 bytes. Another length gives an unrelated key.
    package static func derive(
        from master: SecretBytes,
        context: StaticString,
        id: UInt64,
        count: Int
    ) -> SecretBytes {
        precondition(master.count == masterByteCount, "a master key of \(master.count) bytes, not 32")
        precondition(derivedByteCounts.contains(count), "a derived key of \(count) bytes, not 16 to 64")
        precondition(
            context.hasPointerRepresentation && context.isASCII && context.utf8CodeUnitCount == 8,
            "a context is 8 ASCII characters"
        )
        return SecretBytes(characterCount: count) { derived in
            context.utf8Start.withMemoryRebound(to: CChar.self, capacity: 8) { context in
                master.withUnsafeBytes { master in
                    _ = crypto_kdf_derive_from_key(derived, count, id, context, master)
                }
            }
        }
    }

    /// A 32-byte key for what `message` names: keyed BLAKE2b of it under `key`, which has 16 to 64 bytes.
    package static func derive(from key: SecretBytes, for message: RawSpan) -> SecretBytes {
        precondition(
            KeyedBLAKE2b.keyByteCounts.contains(key.count),
            "a BLAKE2b key of \(key.count) bytes, not 16 to 64"
        )
        return SecretBytes(characterCount: 32) { derived in
            key.withUnsafeBytes { keyBytes in
                message.withUnsafeCharacters { start in
                    _ = crypto_generichash(derived, 32, start, UInt64(message.byteCount), keyBytes, key.count)
                }
            }
        }
    }
}
