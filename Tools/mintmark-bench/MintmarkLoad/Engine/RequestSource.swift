import MintmarkWire

/// What one thread sends next: operations by their weights, tokens and sessions by choice.
///
/// Confined to its thread.
struct RequestSource {
    /// A request to send.
    struct Draw {
        var operation: LoadOperation
        var item: Int
    }

    /// Why there is none.
    enum Absence {
        /// Every session has a refresh underway.
        case sessionStarved
        /// Everything was sent that was to be sent: all requests, or all tokens once.
        case exhausted
    }

    /// The sessions of this thread.
    var pool: SessionPool
    let workload: Workload

    private let mix: OperationMix
    private let verifiesOnce: Bool
    private let stride: Int
    private var nextToken: Int
    private var nextRevocation: Int
    private var tokens: KeyChooser
    /// How often each token was chosen; empty where nobody asks.
    private(set) var tokenDraws: [UInt32]
    /// How many requests are still to be drawn.
    private var remaining: Int
    private var random: SeededRandom

    init(plan: LoadPlan, workload: Workload, sessions: [RefreshSession], thread: Int) {
        self.workload = workload
        pool = SessionPool(sessions)
        mix = plan.mix
        verifiesOnce = plan.verifiesOnce
        stride = plan.threads
        nextToken = thread
        nextRevocation = thread
        let count = workload.verifyFrames.count
        tokens = KeyChooser(plan.keyChoice, count: count, first: thread, stride: plan.threads)
        tokenDraws = plan.keyChoice == .uniform ? [] : [UInt32](repeating: 0, count: count)
        remaining = plan.requestsMax.map { ($0 + plan.threads - 1 - thread) / plan.threads } ?? .max
        random = SeededRandom(seed: plan.seed, purpose: 2 + UInt64(thread))
    }

    /// Chooses. A session is taken out of the pool; `finish` puts it back.
    mutating func draw() -> Result<Draw, Absence> {
        guard remaining > 0 else { return .failure(.exhausted) }
        let operation = mix.draw(&random)
        let item: Int
        switch operation {
        case .sign: item = random.below(workload.signFrames.count)
        case .open: item = random.below(workload.openFrames.count)
        case .hostile: item = random.below(workload.hostileFrames.count)
        case .ping, .keys: item = 0
        case .revoke: item = chooseRevocation()
        case .verify:
            guard let token = chooseToken() else { return .failure(.exhausted) }
            item = token
        case .refresh:
            guard let session = pool.take() else { return .failure(.sessionStarved) }
            item = session
        case .handshake: preconditionFailure("a handshake is no request of a connection")
        }
        remaining -= 1
        return .success(Draw(operation: operation, item: item))
    }

    /// Puts back what a request held.
    mutating func finish(_ request: RequestInFlight) {
        if request.operation == .refresh { pool.put(Int(request.item)) }
    }

    /// Says that nobody will know whether a request was executed.
    mutating func outcomeUnknown(_ request: RequestInFlight) {
        if request.operation == .refresh { pool.sessions[Int(request.item)].outcomeUnknown() }
    }

    /// Gives up waiting for answers.
    mutating func abandonRest() { pool.abandonRest() }

    private mutating func chooseToken() -> Int? {
        guard verifiesOnce else {
            let token = tokens.draw(&random)
            if !tokenDraws.isEmpty { tokenDraws[token] += 1 }
            return token
        }
        guard nextToken < workload.verifyFrames.count else { return nil }
        nextToken += stride
        return nextToken - stride
    }

    /// One after the other, and the first again behind the last: to revoke what is revoked is no error.
    private mutating func chooseRevocation() -> Int {
        let item = nextRevocation % workload.revokeFrames.count
        nextRevocation += stride
        return item
    }

    /// Lends the frame of a request.
    @inline(__always)
    func withFrame(of draw: Draw, _ body: (UnsafeRawBufferPointer) -> Void) {
        switch draw.operation {
        case .sign: withFrame(draw.item, of: workload.signFrames, body)
        case .verify: withFrame(draw.item, of: workload.verifyFrames, body)
        case .ping: withFrame(draw.item, of: workload.pingFrames, body)
        case .open: withFrame(draw.item, of: workload.openFrames, body)
        case .revoke: withFrame(draw.item, of: workload.revokeFrames, body)
        case .keys: withFrame(draw.item, of: workload.keysFrames, body)
        case .hostile: withFrame(draw.item, of: workload.hostileFrames, body)
        case .refresh: pool.sessions[draw.item].frame.withUnsafeBytes(body)
        case .handshake: preconditionFailure("a handshake is no request of a connection")
        }
    }

    @inline(__always)
    private func withFrame(_ index: Int, of table: borrowing FrameTable, _ body: (UnsafeRawBufferPointer) -> Void) {
        let range = table.range(index)
        table.bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }
}

extension RequestSource.Absence: Error {}
