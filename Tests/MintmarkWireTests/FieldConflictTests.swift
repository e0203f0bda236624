import MintmarkWire
import Testing

/// Rules over several fields.
@Suite struct FieldConflictTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let body: [UInt8]
        let expected: Fault?

        init(_ name: String, _ fields: [[UInt8]], _ expected: Fault? = nil) {
            testDescription = name
            body = Array(fields.joined())
            self.expected = expected
        }
    }

    private static let token = rawField(0x10, [0x61])
    private static let named = rawField(0x15, [0x61])
    private static let anyTrue = rawField(0x16, [1])
    private static let anyFalse = rawField(0x16, [0])
    private static let conflict = Fault("FIELD_CONFLICT", 0x15)

    @Test(arguments: [
        Row("a named audience", [token, named]),
        Row("any audience", [token, anyTrue]),
        Row("both", [token, named, anyTrue], conflict),
        Row("neither", [token], conflict),
        Row("a named audience, and not any", [token, named, anyFalse]),
        Row("not any, and none named", [token, anyFalse], conflict),
        Row("a missing token before the conflict", [named, anyTrue], Fault("FIELD_MISSING", 0x10)),
        Row("a later fault before the conflict", [token, rawField(0x21, [1])], Fault("FIELD_SIZE", 0x21)),
    ])
    func verifyNamesOneAudienceOrTakesAny(_ row: Row) {
        #expect(fault { () throws(WireError) in _ = try VerifyRequest(decoding: row.body.span.bytes) } == row.expected)
    }

    private static let targets: [(tag: UInt8, field: [UInt8])] = [
        (0x11, rawField(0x11, [])),
        (0x13, rawField(0x13, [0x61])),
        (0x22, rawField(0x22, [UInt8](repeating: 1, count: 16))),
        (0x23, rawField(0x23, [0x61])),
        (0x2E, rawField(0x2E, [1])),
    ]

    /// Every subset of the five targets: one bit each.
    @Test(arguments: 0..<32)
    func revokeAndForceRotationNameOneTarget(subset: Int) {
        let chosen = FieldConflictTests.targets.enumerated().filter { subset >> $0.offset & 1 == 1 }.map(\.element)
        let body = chosen.flatMap(\.field)
        let isOne = chosen.count == 1
        let revokeFault = fault { () throws(WireError) in _ = try RevokeRequest(decoding: body.span.bytes) }
        #expect(revokeFault == (isOne ? nil : Fault("FIELD_CONFLICT", 0x11)))
        let forceFault = fault { () throws(WireError) in _ = try ForceRotationRequest(decoding: body.span.bytes) }
        if chosen.contains(where: { $0.tag == 0x11 }) {
            #expect(forceFault == Fault("FIELD_UNKNOWN", 0x11))
        } else {
            #expect(forceFault == (isOne ? nil : Fault("FIELD_CONFLICT", 0x13)))
        }
    }

    @Test(
        arguments: [(1, 1, true), (1, 2, true), (0, 65_535, true), (2, 1, false), (65_535, 0, false)]
            as [(UInt16, UInt16, Bool)]
    )
    func helloNamesItsVersionsInOrder(lowest: UInt16, highest: UInt16, isAllowed: Bool) throws {
        var writer = FrameWriter()
        let nonce = [UInt8](repeating: 7, count: 32)
        try HelloRequest(lowestVersion: lowest, highestVersion: highest, clientName: "x", clientNonce: nonce)
            .encode(requestID: 1, into: &writer)
        let body = Array(writer.bytes.dropFirst(FrameHeader.Layout.body))
        let fault = fault { () throws(WireError) in _ = try HelloRequest(decoding: body.span.bytes) }
        #expect(fault == (isAllowed ? nil : Fault("FIELD_CONFLICT", 0x02)))
    }

    private func fault(of decode: () throws(WireError) -> Void) -> Fault? {
        do {
            try decode()
            return nil
        } catch {
            return Fault(error)
        }
    }
}
