import MintmarkEngine
import MintmarkSessions
import MintmarkWire
import Testing

/// What operations tell the audit log, and what they do without one that can be written.
@Suite struct AuditTests {
    struct Row: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var event: AuditEvent.Name
        var target: String?
        var perform: @Sendable (EngineFixture, SessionGrant) throws -> EngineFixture.Answer

        init(
            _ name: String,
            _ event: AuditEvent.Name,
            _ target: String?,
            _ perform: @escaping @Sendable (EngineFixture, SessionGrant) throws -> EngineFixture.Answer
        ) {
            testDescription = name
            self.event = event
            self.target = target
            self.perform = perform
        }
    }

    static let administrative = [
        Row("REVOKE by subject", .revoked, "subject") { fixture, _ in
            try fixture.perform(RevokeRequest(.subject("user-1")))
        },
        Row("REVOKE by client", .revoked, "client_id") { fixture, _ in
            try fixture.perform(RevokeRequest(.clientID("other")))
        },
        Row("REVOKE of all", .revoked, "all") { fixture, _ in try fixture.perform(RevokeRequest(.all)) },
        Row("REVOKE of a session", .revoked, "session_id") { fixture, session in
            try fixture.perform(RevokeRequest(.sessionID(session.sessionID)))
        },
        Row("FORCE_ROTATION of a session", .rotationForced, "session_id") { fixture, session in
            try fixture.perform(ForceRotationRequest(.sessionID(session.sessionID)))
        },
        Row("FORCE_ROTATION by subject", .rotationForced, "subject") { fixture, _ in
            try fixture.perform(ForceRotationRequest(.subject("user-1")))
        },
        Row("FORCE_ROTATION by client", .rotationForced, "client_id") { fixture, _ in
            try fixture.perform(ForceRotationRequest(.clientID("other")))
        },
        Row("FORCE_ROTATION of all", .rotationForced, "all") { fixture, _ in
            try fixture.perform(ForceRotationRequest(.all))
        },
        Row("SNAPSHOT", .snapshotRequested, nil) { fixture, _ in try fixture.perform(SnapshotRequest()) },
    ]

    static let others = [
        Row("REVOKE by refresh token", .revoked, "refresh_token") { fixture, session in
            try fixture.perform(RevokeRequest(.refreshToken(session.refreshToken)))
        },
        Row("REVOKE of its own session", .revoked, "session_id") { fixture, session in
            fixture.caller = EngineFixture.user("local", policy: fixture.caller.policy)
            return try fixture.perform(RevokeRequest(.sessionID(session.sessionID)))
        },
    ]

    let audit = StepAudit()
    let snapshots = StepSnapshots()

    private func fixture(_ change: (inout ClientPolicy) -> Void = { _ in }) throws -> EngineFixture {
        try EngineFixture(snapshots: snapshots, audit: audit, change)
    }

    @Test(arguments: administrative + others)
    func whatIsDoneIsTold(row: Row) throws {
        let fixture = try fixture()
        let session = try fixture.open()
        _ = audit.take()
        #expect(try row.perform(fixture, session).error == nil)
        let events = audit.take()
        let event = try #require(events.first)
        #expect(events.count == 1)
        #expect(event.name == row.event)
        #expect(event.clientID == Array("local".utf8))
        #expect(event.peer == EngineFixture.peer)
        #expect(event.reason == nil)
        #expect(event.text("target") == row.target)
        let isOfOneSession = row.target == "session_id" || row.target == "refresh_token"
        #expect(event.sessionID == (isOfOneSession ? SessionID(session.sessionID.span.bytes) : nil))
        #expect(event.subject == (row.target == "subject" ? Array("user-1".utf8) : nil))
        #expect(event.text("target_client") == (row.target == "client_id" ? "other" : nil))
    }

    @Test(arguments: administrative)
    func administrativeOperationIsOnTheDiskBeforeItIsDone(row: Row) throws {
        let fixture = try fixture()
        #expect(try row.perform(fixture, fixture.open()).error == nil)
        let event = try #require(audit.committed.first)
        #expect(audit.committed.count == 1)
        #expect(event.name == .operationBegun)
        #expect(event.isByAdministrator)
        #expect(event.clientID == Array("local".utf8))
        #expect(event.peer == EngineFixture.peer)
        #expect(event.text("operation").map(row.testDescription.hasPrefix) == true)
        #expect(event.text("target") == row.target)
    }

    /// Which session it was that an administrator ended by another client's refresh token.
    @Test func foreignSessionEndedByAnAdministratorIsTold() throws {
        let fixture = try fixture()
        let session = try fixture.open()
        _ = audit.take()
        fixture.caller = EngineFixture.administrator("other")
        #expect(try fixture.perform(RevokeRequest(.refreshToken(session.refreshToken))).error == nil)
        let events = audit.committed + audit.take()
        #expect(events.map(\.name) == [.operationBegun, .revoked])
        #expect(events.map(\.sessionID) == Array(repeating: SessionID(session.sessionID.span.bytes), count: 2))
        #expect(events.map { $0.text("target") } == ["refresh_token", "refresh_token"])
    }

    /// Nobody but an administrator makes anything wait for the disk of the audit log.
    @Test(arguments: others)
    func othersDoNotWaitForTheDisk(row: Row) throws {
        let fixture = try fixture()
        #expect(try row.perform(fixture, fixture.open()).error == nil)
        #expect(audit.committed.isEmpty)
        #expect(audit.take().map(\.isByAdministrator) == [true, false])
    }

    /// Whoever revokes what is not there, or is revoked already, or another's, fills no log.
    @Test func whatChangesNothingIsNoEvent() throws {
        let fixture = try fixture()
        let session = try fixture.open()
        fixture.caller = EngineFixture.user("local", policy: fixture.caller.policy)
        #expect(try fixture.perform(RevokeRequest(.sessionID(session.sessionID))).error == nil)
        fixture.release()
        #expect(audit.take().map(\.name) == [.sessionOpened, .revoked])
        #expect(try fixture.perform(RevokeRequest(.sessionID(session.sessionID))).error == nil)
        #expect(try fixture.perform(RevokeRequest(.refreshToken(session.refreshToken))).error == nil)
        #expect(try fixture.perform(RevokeRequest(.refreshToken(Array("nonsense".utf8)))).error == nil)
        fixture.caller = EngineFixture.administrator()
        let foreign = try fixture.open()
        _ = audit.take()
        fixture.caller = EngineFixture.user("other")
        #expect(try fixture.perform(RevokeRequest(.sessionID(foreign.sessionID))).status == .clientMismatch)
        #expect(audit.take().isEmpty)
    }

    @Test(arguments: administrative, [false, true])
    func administrativeOperationFailsClosed(row: Row, isFoundOutByWriting: Bool) throws {
        let fixture = try fixture()
        let session = try fixture.open()
        let before = fixture.journal.lastLSN
        audit.isWritable = isFoundOutByWriting
        audit.isKept = false
        _ = audit.take()
        let answer = try row.perform(fixture, session)
        #expect(answer.status == .audit)
        #expect(answer.disposition == .ready)
        #expect(fixture.journal.lastLSN == before, "nothing changed")
        #expect(snapshots.requestedCount == 0)
        #expect(fixture.count("status_audit") == 1)
        let events = audit.take()
        #expect(events.map(\.name) == [.operationRefused])
        #expect(events.map(\.reason) == ["AUDIT"])
        audit.isWritable = true
        audit.isKept = true
        #expect(try row.perform(fixture, session).error == nil)
    }

    @Test(arguments: others)
    func otherOperationsGoOnWithoutIt(row: Row) throws {
        let fixture = try fixture()
        audit.isWritable = false
        let session = try fixture.open()
        #expect(try row.perform(fixture, session).error == nil)
        #expect(audit.take().map(\.name) == [.sessionOpened, row.event])
    }

    @Test(arguments: administrative + others)
    func serverWithoutAnAuditLogRefusesNothing(row: Row) throws {
        let fixture = try EngineFixture(snapshots: snapshots)
        #expect(try row.perform(fixture, fixture.open()).error == nil)
    }

    /// Whatever rule refuses: the log tells it, and who asked for what from where.
    @Test(arguments: PermissionRule.allCases)
    func whatAPermissionRefusesIsTold(rule: PermissionRule) throws {
        let fixture = try fixture()
        let permissions = Permissions(
            operations: rule == .operations ? [] : .all,
            isAdministrator: false,
            subjects: rule == .subjects ? [] : nil,
            audiences: rule == .audiences ? [] : nil,
            scopes: rule == .scopes ? [] : nil,
            claims: rule == .claims ? [] : nil
        )
        let session = SessionCaller(clientID: Array("web".utf8), policy: fixture.caller.policy)
        fixture.caller = Caller(session: session, permissions: permissions)
        let sign = SignRequest(claims: Array(#"{"a":1}"#.utf8), subject: "user-1", audience: ["api"], scope: "read")
        let answer = try rule == .admin ? fixture.perform(RevokeRequest(.all)) : fixture.perform(sign)
        #expect(answer.error?.rule == rule.rawValue)
        let event = try #require(audit.take().first)
        #expect(event.name == .operationRefused)
        #expect(event.reason == rule.rawValue)
        #expect(event.clientID == Array("web".utf8))
        #expect(event.peer == EngineFixture.peer)
        #expect(event.facts == [AuditEvent.Fact("operation", rule == .admin ? "REVOKE" : "SIGN")])
        #expect(audit.take().isEmpty)
    }

    @Test func openedSessionIsTold() throws {
        let fixture = try fixture()
        let session = try fixture.open("user-7")
        let event = try #require(audit.take().first)
        #expect(event.name == .sessionOpened)
        #expect(event.subject == Array("user-7".utf8))
        #expect(event.sessionID == SessionID(session.sessionID.span.bytes))
        fixture.release()
        _ = try fixture.call(RefreshRequest(refreshToken: session.refreshToken))
        #expect(audit.take().isEmpty, "a refresh is daily business")
    }

    /// The session that had to make room could not be ended on the disk: the new one is there all the same, and a
    /// repetition gives its tokens.
    @Test func openedSessionIsToldThoughItsOpeningFailed() throws {
        let fixture = try fixture { $0.sessionsPerSubject = SubjectCap(limit: 1, rule: .oldestOut) }
        _ = try fixture.open("user-7")
        _ = audit.take()
        let journal = fixture.journal
        journal.beforeNextAppend {
            journal.beforeNextAppend { journal.isWritable = false }
        }
        let request = OpenRequest(subject: "user-7", audience: ["api"], attemptID: [UInt8](repeating: 7, count: 16))
        #expect(try fixture.perform(request).status == .storage)
        let events = audit.take()
        journal.isWritable = true
        let session = try fixture.call(request).grant
        #expect(events.map(\.name) == [.sessionOpened])
        #expect(events.map(\.reason) == ["STORAGE"])
        #expect(events.map(\.subject) == [Array("user-7".utf8)])
        #expect(events.map(\.sessionID) == [SessionID(session.sessionID.span.bytes)])
        #expect(audit.take().isEmpty, "a repetition opens no session")
    }

    @Test func reuseIsTold() throws {
        let fixture = try fixture()
        let session = try fixture.open()
        fixture.release()
        _ = try fixture.call(RefreshRequest(refreshToken: session.refreshToken))
        fixture.release()
        fixture.advance(milliseconds: 3_600_000)
        _ = audit.take()
        #expect(try fixture.perform(RefreshRequest(refreshToken: session.refreshToken)).status == .reused)
        let events = audit.take()
        #expect(events.map(\.name) == [.refreshTokenReused])
        #expect(events.map(\.reason) == ["previous_after_window"])
        #expect(events.map(\.sessionID) == [SessionID(session.sessionID.span.bytes)])
        #expect(events.map(\.facts) == [[AuditEvent.Fact("milliseconds_since_rotation", 3_600_000)]])
        #expect(try fixture.perform(RefreshRequest(refreshToken: session.refreshToken)).status == .revoked)
        #expect(audit.take().isEmpty, "once")
    }

    /// Whether or not that revokes its session; also where the disk fails, and only memory holds that it is revoked.
    @Test(arguments: [(false, true), (true, true), (true, false)])
    func foreignTokenIsTold(revokes: Bool, isWritable: Bool) throws {
        let fixture = try fixture()
        let session = try fixture.open()
        _ = audit.take()
        let owners: Set<[UInt8]> = revokes ? [fixture.caller.session.clientID] : []
        fixture.caller = Caller(
            session: SessionCaller(clientID: Array("other".utf8), policy: ClientPolicy(), revokingOwners: owners),
            permissions: Permissions(isAdministrator: true)
        )
        fixture.journal.isWritable = isWritable
        let status = try fixture.perform(RefreshRequest(refreshToken: session.refreshToken)).status
        #expect(status == (isWritable ? .clientMismatch : .storage))
        let events = audit.take()
        #expect(events.map(\.name) == [revokes ? .refreshTokenForeign : .operationRefused])
        #expect(events.map(\.clientID) == [Array("other".utf8)])
        #expect(events.map(\.sessionID) == [SessionID(session.sessionID.span.bytes)])
        #expect(events.map(\.reason) == ["CLIENT_MISMATCH"])
    }

    /// Whoever holds a stolen refresh token cannot try it out unseen.
    @Test func foreignTokenIsToldWhateverItWasMeantFor() throws {
        let fixture = try fixture()
        let session = try fixture.open()
        _ = audit.take()
        fixture.caller = EngineFixture.user("other")
        let introspection = try fixture.call(IntrospectRequest(refreshToken: session.refreshToken))
        #expect(introspection.reason == StatusCode(.clientMismatch))
        #expect(try fixture.perform(RevokeRequest(.refreshToken(session.refreshToken))).status == .clientMismatch)
        let events = audit.take()
        #expect(events.map(\.name) == [.operationRefused, .operationRefused])
        #expect(events.map { $0.text("operation") } == ["INTROSPECT", "REVOKE"])
        #expect(events.map(\.reason) == ["CLIENT_MISMATCH", "CLIENT_MISMATCH"])
        #expect(events.map(\.clientID) == [Array("other".utf8), Array("other".utf8)])
        #expect(events.map(\.sessionID) == Array(repeating: SessionID(session.sessionID.span.bytes), count: 2))
    }

    /// A revocation holds in memory when the disk fails; the log says so.
    @Test func failedRevocationIsToldWithItsReason() throws {
        let fixture = try fixture()
        let session = try fixture.open()
        _ = audit.take()
        fixture.journal.isWritable = false
        #expect(try fixture.perform(RevokeRequest(.sessionID(session.sessionID))).status == .storage)
        #expect(audit.take().map(\.reason) == ["STORAGE"])
    }
}

extension AuditEvent {
    /// What the fact of this name says, where that is a text.
    fileprivate func text(_ name: String) -> String? {
        guard case .text(let text) = facts.first(where: { $0.name == name })?.value else { return nil }
        return text
    }
}
