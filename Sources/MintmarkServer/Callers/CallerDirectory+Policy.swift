import MintmarkSessions

extension CallerDirectory {
    /// The policy that a client's configuration describes.
    static func policy(_ client: Configuration.Client) throws(DaemonFailure) -> ClientPolicy {
        var policy = ClientPolicy()
        policy.rotation =
            switch client.rotation {
            case .always: .always
            case .never: .never
            case .after(let age): .after(seconds: seconds(age))
            case .afterFraction(let fraction): .afterFraction(fraction)
            }
        policy.grace = GraceRule(
            windowMilliseconds: milliseconds(client.grace.window),
            uses: UInt16(clamping: client.grace.uses),
            streak: client.grace.streak.map { UInt16(clamping: $0) }
        )
        policy.accessTokenTTLSeconds = seconds(client.accessTokenTTL)
        policy.accessTokenTTLJitterPercent = UInt8(clamping: client.ttlJitterPercent)
        policy.idleSeconds = seconds(client.idle)
        policy.absoluteSeconds = seconds(client.absolute)
        policy.context =
            switch client.context {
            case .ignore: .ignore
            case .rotate: .rotate
            case .refuse: .refuse
            }
        policy.sessionsPerSubject = client.sessionsPerSubject.map { cap in
            SubjectCap(limit: UInt32(clamping: cap.max), rule: cap.whenFull == .reject ? .reject : .oldestOut)
        }
        do throws(ClientPolicyFault) {
            try policy.validate()
        } catch {
            throw DaemonFailure("the policy of a client cannot be: \(error)", .usage)
        }
        return policy
    }

    private static func seconds(_ duration: Duration) -> UInt32 {
        UInt32(clamping: duration.components.seconds)
    }

    private static func milliseconds(_ duration: Duration) -> UInt32 {
        let (seconds, attoseconds) = duration.components
        return UInt32(clamping: seconds * 1_000 + attoseconds / 1_000_000_000_000_000)
    }
}
