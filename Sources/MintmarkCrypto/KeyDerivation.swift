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
}
