import MintmarkWire
import Testing

/// The golden vectors of `Protocol/vectors`, in both directions.
@Suite struct VectorTests {
    @Test(arguments: MessageVectors.all)
    func messagesAreReadAndWrittenAsTheVectorsSay(vectors: MessageVectors) throws {
        for (cases, direction) in [
            (vectors.requests ?? [], MessageShape.Direction.request), (vectors.answers, .response),
        ] {
            for vector in cases {
                try check(vector, of: vectors.message, direction)
            }
        }
    }

    private func check(
        _ vector: MessageVectors.Case,
        of name: String,
        _ direction: MessageShape.Direction
    ) throws {
        let shape = try #require(MessageShape.all.first { $0.name == name && $0.direction == direction })
        let message = MessageUnderTest.of(shape)
        let place: Comment = "\(shape.testDescription): \(vector.name)"
        let frame = try #require(vector.frame.bytes, place)
        let scanner = FrameScanner(lengthMax: Limits.frameLengthMaxCeiling)
        guard case .frame(let header, let range) = scanner.scan(frame.span.bytes, at: 0) else {
            Issue.record("no frame", sourceLocation: #_sourceLocation)
            return
        }
        #expect(header == FrameHeader(kindByte: shape.kindByte, requestID: vector.requestId), place)
        #expect(range == 10..<frame.count, place)
        let body = Array(frame[range])

        if let error = vector.error {
            #expect(message.fault(of: body) == Fault(error.fault ?? error.status, error.field), place)
            return
        }
        let fields = try FieldMap(try #require(vector.fields, place), of: shape)
        #expect(try message.decode(body) == message.make(fields), place)
        if vector.decodeOnly != true {
            #expect(try message.encode(fields, vector.requestId) == frame, place)
        }
    }

    /// Whatever a stream is cut into, a golden frame is found when its last byte is there, and not before; and a body
    /// that is cut is judged as the plainest reader judges it.
    @Test(arguments: MessageVectors.all)
    func framesCutAtEveryByteAreIncomplete(vectors: MessageVectors) throws {
        for (cases, direction) in [
            (vectors.requests ?? [], MessageShape.Direction.request), (vectors.answers, .response),
        ] where !cases.isEmpty {
            let shape = try #require(
                MessageShape.all.first { $0.name == vectors.message && $0.direction == direction }
            )
            for vector in cases where vector.error == nil {
                let frame = try #require(vector.frame.bytes)
                guard frame.count <= 2_000 else { continue }
                for count in 0..<frame.count { try checkCut(frame, count, shape, vector.name) }
            }
        }
    }

    private func checkCut(_ frame: [UInt8], _ count: Int, _ shape: MessageShape, _ name: String) throws {
        let scanner = FrameScanner(lengthMax: Limits.frameLengthMaxCeiling)
        let scan = scanner.scan(Array(frame[..<count]).span.bytes, at: 0)
        #expect(scan == .incomplete(needed: count < 4 ? 4 : frame.count), "\(name), cut at \(count)")
        guard count >= FrameHeader.Layout.body else { return }
        let body = Array(frame[FrameHeader.Layout.body..<count])
        let expected = ReferenceReader(shape: shape).fault(of: body)
        #expect(MessageUnderTest.of(shape).fault(of: body) == expected, "\(name), cut at \(count)")
    }

    @Test(arguments: FrameVectors.shared.scans)
    func framesAreFoundAsTheVectorsSay(vector: FrameVectors.Scan) throws {
        let bytes = try #require(vector.bytes.bytes)
        switch FrameScanner(lengthMax: vector.frameLengthMax).scan(bytes.span.bytes, at: 0) {
        case .incomplete(let needed):
            #expect(vector.outcome == "incomplete")
            #expect(needed > bytes.count)
        case .invalid(let error):
            #expect(vector.outcome == "invalid")
            #expect(error.status.name == vector.status)
        case .frame(let header, let range):
            #expect(vector.outcome == "frame")
            #expect(header.kindByte == vector.kind)
            #expect(header.flags == vector.flags)
            #expect(header.requestID == vector.requestId)
            #expect(Array(bytes[range]) == vector.body?.bytes)
            #expect(range.upperBound == vector.used)
        }
    }

    @Test(arguments: FrameVectors.shared.requests)
    func requestsAreRefusedAsTheVectorsSay(vector: FrameVectors.Request) throws {
        let bytes = try #require(vector.frame.bytes)
        guard let status = Status.allCases.first(where: { $0.name == vector.error.status }) else {
            Issue.record("\(vector.error.status) is no status")
            return
        }
        #expect(status.closesConnection == vector.error.closes)
        #expect(status.echoesRequestID || vector.error.requestId == 0)

        // What the state of the connection decides is the server's business; here is what the bytes alone decide.
        let fromBytes: Set<Status> = [
            .frameLength, .helloExpected, .requestIDZero, .flagsUnsupported, .kindUnknown, .fieldUnknown,
        ]
        guard fromBytes.contains(status) else { return }
        let error = try #require(fault(of: bytes, isFirst: vector.state == "awaiting_hello"))
        #expect(error.status == status)
        #expect(error.field == vector.error.field)
    }

    /// The first fault of a request's frame, by the codec alone.
    private func fault(of bytes: [UInt8], isFirst: Bool) -> WireError? {
        let scanner = FrameScanner()
        switch isFirst ? scanner.scanHello(bytes.span.bytes, at: 0) : scanner.scan(bytes.span.bytes, at: 0) {
        case .incomplete:
            return nil
        case .invalid(let error):
            return error
        case .frame(let header, let range):
            do throws(WireError) {
                let kind = try header.checkedRequestKind()
                let shape = MessageShape.all.first { $0.name == kind.name && $0.direction == .request }
                guard let shape else { return nil }
                _ = try MessageUnderTest.of(shape).decode(Array(bytes[range]))
                return nil
            } catch {
                return error
            }
        }
    }
}
