import MintmarkCrypto
import MintmarkInMemory
import MintmarkWire

/// What can be counted: the way of a request through the engine, and what its signatures alone take.
enum Operation: String, CaseIterable {
    /// A PING.
    case ping
    /// A SIGN of a token with 64 bytes of further claims.
    case sign
    /// Only the signature over as many bytes, as the engine makes it.
    case signature
    /// The same, by libsodium alone.
    case signLibsodium = "sign_libsodium"
    /// A VERIFY of a token that is in the cache, answered with its claims.
    case verifyHot = "verify_hot"
    /// The same, answered without its claims.
    case verifyHotBare = "verify_hot_bare"
    /// A VERIFY without a cache.
    case verifyCold = "verify_cold"
    /// Only the check of the signature over as many bytes, in libsodium.
    case verifyLibsodium = "verify_libsodium"
    /// An OPEN.
    case open
    /// A REFRESH that rotates.
    case refresh

    /// Runs it this many times.
    func run(_ count: Int) throws {
        let key = Ed25519SigningKey(random: RepeatableRandom())
        switch self {
        case .ping: try repeated(count, PingRequest(), key)
        case .sign: try repeated(count, Self.signRequest, key)
        case .open: try repeated(count, Self.openRequest, key)
        case .refresh: try refresh(count, key)
        case .verifyHot: try repeated(count, Self.verify(Self.token(key)), key)
        case .verifyHotBare: try repeated(count, Self.verify(Self.token(key), omitsClaims: true), key)
        case .verifyCold: try verifyWithoutCache(count, key)
        case .signature: try signAlone(count, key)
        case .signLibsodium, .verifyLibsodium:
            var libsodium = try libsodiumAlone(messageCount: Self.distinctMessages)
            libsodium?.run(count)
        }
    }

    /// What libsodium does alone, made ready; nil where it does not do all.
    ///
    /// - Parameters:
    ///   - messageCount: How many messages it is given, one after the other and from the beginning again.
    ///   - messageByteCount: How long each is; nil: as long as what the engine signs.
    func libsodiumAlone(messageCount: Int, messageByteCount: Int? = nil) throws -> LibsodiumAlone? {
        guard self == .signLibsodium || self == .verifyLibsodium else { return nil }
        let key = Ed25519SigningKey(random: RepeatableRandom())
        let messages = try Self.distinctTokens(messageCount, key).map { token in
            Self.resized(Self.signingInput(of: token), messageByteCount)
        }
        return LibsodiumAlone(key, messages, checks: self == .verifyLibsodium)
    }
}

extension Operation {
    private static let cacheByteCount = 1 << 20
    private static let distinctMessages = 256
    private static let claims = Array(#"{"plan":"pro","tenant":"0123456789abcdef","roles":["a","b","c"]}"#.utf8)
    private static let signRequest = SignRequest(claims: claims, subject: "user-0001", audience: ["orders"])
    private static let openRequest = OpenRequest(claims: claims, subject: "user-0001", audience: ["orders"])

    private static func verify(_ token: [UInt8], omitsClaims: Bool = false) -> VerifyRequest {
        VerifyRequest(accessToken: token, expectedAudience: .named("orders"), omitsClaims: omitsClaims)
    }

    private static func token(_ key: Ed25519SigningKey) throws -> [UInt8] {
        var engine = try InMemoryEngine(key: key, cacheByteCount: nil)
        return try token(&engine)
    }

    private static func token(_ engine: inout InMemoryEngine) throws -> [UInt8] {
        let body = engine.answer(try frame(signRequest)) { Array($0.dropFirst(FrameHeader.Layout.body)) }
        return try SignResponse(decoding: body.span.bytes).accessToken
    }

    private static func frame(_ request: some WireRequest) throws -> [UInt8] {
        var writer = FrameWriter()
        try request.encode(requestID: 1, into: &writer)
        return writer.bytes
    }

    private func repeated(
        _ count: Int,
        _ request: some WireRequest,
        _ key: Ed25519SigningKey,
        cacheByteCount: Int? = cacheByteCount
    ) throws {
        var engine = try InMemoryEngine(key: key, cacheByteCount: cacheByteCount)
        let frame = try Self.frame(request)
        precondition(!engine.answer(frame, Self.isError), "the request is good")
        for _ in 0..<count { engine.answer(frame) { _ in } }
    }

    /// Each request takes the token that the answer before it brought.
    private func refresh(_ count: Int, _ key: Ed25519SigningKey) throws {
        var engine = try InMemoryEngine(key: key, cacheByteCount: Self.cacheByteCount)
        let opened = engine.answer(try Self.frame(Self.openRequest)) { Array($0.dropFirst(FrameHeader.Layout.body)) }
        let token = try OpenResponse(decoding: opened.span.bytes).grant.refreshToken
        var frame = try Self.frame(RefreshRequest(refreshToken: token))
        guard let place = Self.place(of: token, in: frame) else { preconditionFailure("the request holds its token") }
        // Sought in one answer: the others look like it, and seeking takes as much as a part of what is counted.
        var placeInAnswer: Int?
        var next = token
        for _ in 0..<count {
            engine.answer(frame) { answer in
                if placeInAnswer == nil { placeInAnswer = Self.place(of: Self.refreshTokenPrefix, in: answer) }
                guard let start = placeInAnswer, answer[start] == next[0] else {
                    preconditionFailure("the answer holds a token")
                }
                Self.copy(answer, from: start, count: token.count, to: &next, at: 0)
            }
            Self.copy(next, from: 0, count: token.count, to: &frame, at: place)
        }
    }

    private static func copy(
        _ source: borrowing [UInt8],
        from start: Int,
        count: Int,
        to target: inout [UInt8],
        at place: Int
    ) {
        source.withUnsafeBytes { source in
            target.withUnsafeMutableBytes { target in
                UnsafeMutableRawBufferPointer(rebasing: target[place..<place + count])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[start..<start + count]))
            }
        }
    }

    private static func isError(_ answer: borrowing [UInt8]) -> Bool {
        answer[FrameHeader.Layout.kind] == Kind.errorByte
    }

    /// How every refresh token begins.
    private static let refreshTokenPrefix = Array("mmrt_".utf8)

    private static func place(of part: [UInt8], in bytes: [UInt8]) -> Int? {
        (0...(bytes.count - part.count)).first { bytes[$0] == part[0] && bytes[$0...].starts(with: part) }
    }

    private func signAlone(_ count: Int, _ key: Ed25519SigningKey) throws {
        var engine = try InMemoryEngine(key: key, cacheByteCount: nil)
        let message = try Self.signingInput(&engine)
        let header = message.prefix { $0 != UInt8(ascii: ".") }
        let signer = Ed25519PrefixedSigner(key, beginning: header + [UInt8(ascii: ".")])
        for _ in 0..<count { _ = signer.signature(of: message.span.bytes) }
    }

    /// Of tokens that libsodium alone checks, too, since what a check takes depends on what is checked.
    private func verifyWithoutCache(_ count: Int, _ key: Ed25519SigningKey) throws {
        let frames = try Self.distinctTokens(Self.distinctMessages, key).map { try Self.frame(Self.verify($0)) }
        var engine = try InMemoryEngine(key: key, cacheByteCount: nil)
        for number in 0..<count { engine.answer(frames[number % frames.count]) { _ in } }
    }

    private static func distinctTokens(_ count: Int, _ key: Ed25519SigningKey) throws -> [[UInt8]] {
        var engine = try InMemoryEngine(key: key, cacheByteCount: nil)
        return try (0..<count).map { _ in try token(&engine) }
    }

    private static func signingInput(_ engine: inout InMemoryEngine) throws -> [UInt8] {
        signingInput(of: try token(&engine))
    }

    /// What is signed of a token: all before its last dot.
    private static func signingInput(of token: [UInt8]) -> [UInt8] {
        Array(token.prefix(token.lastIndex(of: UInt8(ascii: ".")) ?? 0))
    }

    /// The end of the message, where what is different in each lies, or the message and more.
    private static func resized(_ message: [UInt8], _ byteCount: Int?) -> [UInt8] {
        let byteCount = byteCount ?? message.count
        let more = [UInt8](repeating: UInt8(ascii: "x"), count: max(0, byteCount - message.count))
        return more + message.suffix(byteCount)
    }
}
