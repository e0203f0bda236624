import Foundation
import MintmarkSessions
import MintmarkSessionsTestSupport
import NIOConcurrencyHelpers
import Testing

/// Real threads on one store.
@Suite struct ThreadTests {
    private static let threadCount = 8

    /// Runs `body` on every thread at once and collects what it gives. Threads of their own that begin together: a pool
    /// may run everything on the first of its threads before the second has started.
    private func inParallel<Result: Sendable>(_ body: @escaping @Sendable (Int) -> Result) -> [Result] {
        let results = NIOLockedValueBox<[Result]>([])
        let start = DispatchSemaphore(value: 0)
        let end = DispatchSemaphore(value: 0)
        for number in 0..<Self.threadCount {
            Thread.detachNewThread {
                start.wait()
                let result = body(number)
                results.withLockedValue { $0.append(result) }
                end.signal()
            }
        }
        for _ in 0..<Self.threadCount {
            start.signal()
        }
        for _ in 0..<Self.threadCount {
            end.wait()
        }
        return results.withLockedValue { $0 }
    }

    // Invariant 1.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func parallelRefreshesOfOneTokenRotateOnce(seed: UInt64) throws {
        let fixture = StoreFixture(seed: seed)
        let store = fixture.store
        let caller = SessionCaller.client { $0.grace.uses = 1_000 }
        var held = try #require(fixture.open(caller: caller).granted)
        let now = fixture.now
        for number in 1...10 {
            let token = held.token
            let answers = inParallel { _ in
                var grant = GrantBuffer()
                return (0..<4).map { _ in store.refresh(token, caller: caller, now: now, grant: &grant) }
            }
            let granted = answers.flatMap { $0.compactMap(\.granted) }
            #expect(granted.count == Self.threadCount * 4)
            #expect(Set(granted.map(\.token)).count == 1)
            #expect(granted.filter { $0.outcome == .rotated }.count == 1)
            held = try #require(granted.first)
            #expect(held.generation.number == UInt32(number))
        }
        #expect(fixture.record(held.sessionID)?.state.revocation == nil)
    }

    // Invariant 6, and 15 under concurrency: what a revocation meets half way does not live on.
    @Test(arguments: 0..<4, 0..<15 as Range<UInt64>)
    func noTokenSurvivesARevocationThatMeetsRefreshes(way: Int, seed: UInt64) throws {
        let fixture = StoreFixture(seed: seed)
        let store = fixture.store
        let opened = try (0..<Self.threadCount).map { _ in try #require(fixture.open().granted) }
        let now = fixture.now
        let answers = inParallel { number in
            var grant = GrantBuffer()
            var granted = [opened[number]]
            for turn in 0..<12 {
                if turn == 6, number == 0 {
                    for session in way == 0 ? opened.map(\.sessionID) : [opened[0].sessionID] {
                        _ = store.revoke(ForcedRotationTests.aims(session)[way], now: now) { now.wallSeconds }
                    }
                }
                let token = granted[granted.count - 1].token
                if let next = store.refresh(token, now: now, grant: &grant).granted {
                    granted.append(next)
                }
            }
            return granted
        }
        for granted in answers.flatMap(\.self) {
            #expect(fixture.rejects(granted))
            #expect(fixture.refresh(granted.token).refusal == .revoked)
        }
    }

    // Invariant 13.
    @Test(arguments: 0..<10 as Range<UInt64>)
    func wrongClientsDoNotDisturbTheRightOne(seed: UInt64) throws {
        let fixture = StoreFixture(seed: seed)
        let store = fixture.store
        let opened = try #require(fixture.open().granted)
        let now = fixture.now
        let current = NIOLockedValueBox(opened.token)
        let refusals = inParallel { number -> [SessionRefusal?] in
            var grant = GrantBuffer()
            return (0..<100).map { _ in
                guard number == 0 else {
                    let token = number < 4 ? opened.token : current.withLockedValue { $0 }
                    return store.refresh(token, caller: .client("other"), now: now, grant: &grant).refusal
                }
                let outcome = store.refresh(current.withLockedValue { $0 }, now: now, grant: &grant)
                if let granted = outcome.granted { current.withLockedValue { $0 = granted.token } }
                return outcome.refusal
            }
        }
        #expect(refusals.count { $0.allSatisfy { $0 == nil } } == 1)
        #expect(refusals.count { $0.allSatisfy { $0 == .clientMismatch } } == Self.threadCount - 1)
        #expect(fixture.record(opened.sessionID)?.state.current.number == 100)
        #expect(fixture.record(opened.sessionID)?.state.revocation == nil)
    }

    // Invariant 18.
    @Test(arguments: 0..<4, 0..<10 as Range<UInt64>)
    func forcedRotationAmongRefreshesLeavesOneHolder(aim: Int, seed: UInt64) throws {
        let fixture = StoreFixture(seed: seed)
        let store = fixture.store
        let caller = SessionCaller.client {
            $0.rotation = .never
            $0.grace.uses = 1_000
        }
        let opened = try #require(fixture.open(caller: caller).granted)
        let target = ForcedRotationTests.aims(opened.sessionID)[aim]
        let now = fixture.now
        let granted = inParallel { number in
            var grant = GrantBuffer()
            return (0..<20).compactMap { turn in
                if number == 0, turn == 5 { _ = store.forceRotation(target, now: now) }
                return store.refresh(opened.token, caller: caller, now: now, grant: &grant).granted
            }
        }
        let all = granted.flatMap(\.self)
        #expect(all.count == Self.threadCount * 20)
        #expect(all.count { $0.outcome == .rotated } == 1)
        let successors = Set(all.filter { $0.outcome != .unchanged }.map(\.token))
        #expect(successors.count == 1)
        // Alone with it, two refreshes are enough, and whoever kept the copy is found out.
        var held = try #require(successors.first)
        for outcome in [RotationOutcome.rotated, .rotated, .unchanged] {
            let next = try #require(fixture.refresh(held, caller: caller).granted)
            #expect(next.outcome == outcome)
            held = next.token
        }
        #expect(fixture.refresh(opened.token, caller: caller).refusal == .reused)
        #expect(fixture.refresh(held, caller: caller).refusal == .revoked)
    }

    /// Whatever is opened while its subject is revoked again and again either falls under a revocation whole, or lives
    /// whole: session and access token never disagree.
    @Test(arguments: 0..<15 as Range<UInt64>)
    func sessionAndAccessTokenNeverDisagree(seed: UInt64) throws {
        let fixture = StoreFixture(seed: seed)
        let store = fixture.store
        let now = fixture.now
        let answers = inParallel { number -> [Granted] in
            var grant = GrantBuffer()
            return (0..<30).compactMap { turn in
                if number == 0, turn % 3 == 0 {
                    _ = store.revoke(.everything(of: .subject(Array("alice".utf8))), now: now) { now.wallSeconds }
                }
                return store.open(now: now, grant: &grant).granted
            }
        }
        for granted in answers.flatMap(\.self) {
            #expect(store.liveness(of: granted.sessionID, now: now).isLive == !fixture.rejects(granted))
        }
    }

    /// `iat` handed out by one thread and cut-offs made by another.
    @Test func whatIsIssuedAfterACutOffIsNewerThanIt() {
        let fixture = StoreFixture()
        let store = fixture.store
        let now = fixture.now
        let subject = Array("alice".utf8)
        let issues = inParallel { number -> [(issuedAt: UInt64, cutOffsBefore: UInt64, cutOffsAfter: UInt64)] in
            (0..<300).compactMap { _ in
                if number == 0 {
                    _ = store.revoke(.everything(of: .subject(subject)), now: now) { now.wallSeconds }
                    return nil
                }
                let before = store.cutOffs.entries.first?.cutOff.facts.issuedAtMax ?? 0
                let issuedAt = store.cutOffs.issueTime(
                    subject: subject.span.bytes,
                    client: subject.span.bytes,
                    wallSeconds: now.wallSeconds
                )
                let after = store.cutOffs.greatestIssuedAt
                return (issuedAt, before, after)
            }
        }
        for issue in issues.flatMap(\.self) {
            #expect(issue.issuedAt > issue.cutOffsBefore)
            #expect(issue.issuedAt <= issue.cutOffsAfter)
        }
    }

    @Test(arguments: [SubjectCap.Rule.reject, .oldestOut], [1, 3] as [UInt32])
    func aCapHoldsHoweverManyOpenAtOnce(rule: SubjectCap.Rule, limit: UInt32) {
        let fixture = StoreFixture(journal: TestJournal(keepsEntries: false))
        let store = fixture.store
        let now = fixture.now
        let caller = SessionCaller.client { $0.sessionsPerSubject = SubjectCap(limit: limit, rule: rule) }
        let subjects = (0..<80).map(String.init)
        let granted = inParallel { _ in
            var grant = GrantBuffer()
            return (subjects + subjects).compactMap { subject in
                store.open(subject: subject, caller: caller, now: now, grant: &grant).granted
            }
        }
        let sessions = Dictionary(grouping: granted.flatMap(\.self), by: \.subject)
        #expect(sessions.count == subjects.count)
        for (_, sessions) in sessions {
            #expect(sessions.filter { store.liveness(of: $0.sessionID, now: now).isLive == true }.count == Int(limit))
            #expect(sessions.count == (rule == .reject ? Int(limit) : Self.threadCount * 2))
        }
    }

    @Test func anAttemptOpensOneSessionHoweverManyMakeItAtOnce() throws {
        let fixture = StoreFixture(journal: TestJournal(keepsEntries: false))
        let store = fixture.store
        let now = fixture.now
        for number in 0..<80 {
            let attempt = [UInt8](repeating: UInt8(number), count: 16)
            let outcomes = inParallel { _ in
                var grant = GrantBuffer()
                return store.open(attempt: attempt, now: now, grant: &grant)
            }
            #expect(Set(outcomes.compactMap { $0.granted?.token }).count == 1)
            #expect(outcomes.allSatisfy { $0.granted != nil || $0.refusal == .busy })
            #expect(store.count == number + 1)
        }
    }

    @Test func manySessionsAtOnce() throws {
        let fixture = StoreFixture(journal: TestJournal(keepsEntries: false))
        let store = fixture.store
        let now = fixture.now
        let kept = inParallel { number in
            var grant = GrantBuffer()
            var kept: [Granted] = []
            for turn in 0..<400 {
                guard let opened = store.open(subject: "s\(number)", now: now, grant: &grant).granted else { continue }
                guard let next = store.refresh(opened.token, now: now, grant: &grant).granted else { continue }
                if turn % 4 == 0 {
                    _ = store.revoke(.session(next.sessionID), now: now) { now.wallSeconds }
                } else {
                    kept.append(next)
                }
                _ = store.sweep(steps: 64, now: now)
            }
            return kept
        }
        let all = kept.flatMap(\.self)
        #expect(all.count == Self.threadCount * 300)
        #expect(store.count == Self.threadCount * 400)
        #expect(store.revokedCount == Self.threadCount * 100)
        for granted in all {
            #expect(fixture.refresh(granted.token).refreshOutcome == .rotated)
        }
    }

    /// A disk that lags behind: releases come from another thread than refreshes.
    @Test func releasesMeetRefreshes() throws {
        let fixture = StoreFixture(journal: TestJournal(isDurableAtOnce: false, keepsEntries: false))
        let store = fixture.store
        let journal = fixture.journal
        let now = fixture.now
        let opened = try (0..<Self.threadCount).map { _ in try #require(fixture.open().granted) }
        let last = inParallel { number -> Granted in
            var grant = GrantBuffer()
            var held = opened[number]
            for turn in 0..<200 {
                if number == 0, turn % 5 == 0 {
                    journal.sync()
                    store.durabilityAdvanced(to: journal.durableLSN, atMilliseconds: now.serviceMilliseconds)
                }
                held = store.refresh(held.token, now: now, grant: &grant).granted ?? held
            }
            return held
        }
        fixture.sync()
        for granted in last {
            #expect(granted.generation.number == 200)
            #expect(fixture.record(granted.sessionID)?.state.isRotationReleased == true)
            #expect(store.liveness(of: granted.sessionID, now: now) == (true, .zero))
        }
    }
}
