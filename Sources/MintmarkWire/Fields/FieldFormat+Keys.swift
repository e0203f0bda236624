/// Signing keys: five u64 instants, a u8 state, 32 bytes of public key, then the key id. Anything else is FIELD_VALUE.
enum KeyListFormat: ListFieldFormat {
    private static let stateOffset = 40
    private static let publicKeyOffset = 41
    private static let publicKeyLength = 32
    private static let fixedLength = publicKeyOffset + publicKeyLength

    static var itemLength: ClosedRange<Int> { 0...Int(UInt16.max) }

    static func acceptsItem(_ item: Range<Int>, in body: RawSpan) -> Bool {
        guard item.count > fixedLength, item.count - fixedLength <= Limits.keyIDLengthMax else { return false }
        return state(of: item, in: body) != nil && body.isName(in: item.dropFirst(fixedLength))
    }

    static func copyItem(_ item: Range<Int>, from body: RawSpan) -> SigningKey {
        func instant(_ place: Int) -> UInt64 { body.bigEndian(UInt64.self, at: item.lowerBound + 8 * place) }
        guard let state = state(of: item, in: body) else { preconditionFailure("an item was copied that is no key") }
        return SigningKey(
            keyID: body.string(item.dropFirst(fixedLength)),
            state: state,
            publicKey: body.array(item.dropFirst(publicKeyOffset).prefix(publicKeyLength)),
            preparedAt: instant(0),
            usableAt: instant(1),
            activatedAt: instant(2),
            retiredAt: instant(3),
            endedAt: instant(4)
        )
    }

    static func itemLength(of item: SigningKey) -> Int { fixedLength + item.keyID.utf8.count }

    static func appendItem(_ item: SigningKey, to output: inout OutputSpan<UInt8>) {
        precondition(item.publicKey.count == publicKeyLength, "a public key of \(item.publicKey.count) bytes, not 32")
        for instant in [item.preparedAt, item.usableAt, item.activatedAt, item.retiredAt, item.endedAt] {
            output.append(bigEndian: instant)
        }
        output.append(item.state.rawValue)
        output.append(copying: unsafe item.publicKey.span.bytes)
        output.append(utf8: item.keyID)
    }

    private static func state(of item: Range<Int>, in body: RawSpan) -> SigningKey.State? {
        SigningKey.State(rawValue: body.bigEndian(UInt8.self, at: item.lowerBound + stateOffset))
    }
}
