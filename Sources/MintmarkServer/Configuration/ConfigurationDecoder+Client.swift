extension ConfigurationDecoder {
    /// One client.
    ///
    /// - Parameter isEverybody: whether it is the client that everybody is, as no client is configured.
    mutating func client(_ settings: Settings.Client, isEverybody: Bool) -> Configuration.Client {
        let rotation = rotation(settings)
        let window = value(settings.graceWindow)
        let uses = value(settings.graceUses)
        let streak = value(settings.graceStreak)
        let accessTokenTTL = value(settings.accessTokenTTL)
        let idle = value(settings.idle)
        let absolute = value(settings.absolute)
        checkGrace(window, of: accessTokenTTL, settings)
        checkLifetime("idle", idle, within: absolute, settings)
        checkLifetime("access_token_ttl", accessTokenTTL, within: absolute, settings)
        checkRotation(rotation, within: absolute, settings)
        return Configuration.Client(
            rotation: rotation.value,
            grace: Configuration.Client.Grace(window: window.value, uses: uses.value, streak: streak.value),
            accessTokenTTL: accessTokenTTL.value,
            idle: idle.value,
            absolute: absolute.value,
            context: value(settings.context).value,
            clientMismatch: value(settings.clientMismatch).value,
            ttlJitterPercent: value(settings.ttlJitter).value,
            sessionsPerSubject: sessionsPerSubject(settings),
            identities: identities(settings),
            permissions: permissions(settings, isEverybody: isEverybody),
            rates: rates(settings)
        )
    }

    private mutating func rotation(_ settings: Settings.Client) -> Located<Configuration.Client.Rotation> {
        let setting = settings.rotation.description
        let located = decode(setting, fallback: .always) { decoder, node -> Configuration.Client.Rotation? in
            switch node.content {
            case .refused: nil
            case .mapping: decoder.rotationMapping(node, settings)
            case .scalar, .null, .sequence: decoder.rotationWord(node, settings)
            }
        }
        record(setting.name, located.value.text, located.origin)
        return located
    }

    private mutating func rotationWord(
        _ node: ConfigurationNode,
        _ settings: Settings.Client
    ) -> Configuration.Client.Rotation? {
        guard case .scalar(let text, _) = node.content, let word = Settings.RotationWord(rawValue: text) else {
            let words = settings.rotation.type.range
            unexpected(node, settings.rotation.name, "\(words), {after: …} or {after_fraction: …}")
            return nil
        }
        switch word {
        case .always: return .always
        case .never: return .never
        }
    }

    private mutating func rotationMapping(
        _ node: ConfigurationNode,
        _ settings: Settings.Client
    ) -> Configuration.Client.Rotation? {
        let after = node[["after"]]
        let afterFraction = node[["after_fraction"]]
        let duration = after.flatMap { parse($0, settings.rotationAfter) }
        let fraction = afterFraction.flatMap { parse($0, settings.rotationAfterFraction) }
        switch (after, afterFraction) {
        case (nil, nil):
            fault(node.origin, "\(settings.rotation.name): a mapping needs after or after_fraction")
            return nil
        case (let after?, let afterFraction?):
            let origin = max(after.origin, afterFraction.origin)
            fault(origin, "\(settings.rotation.name): after and after_fraction exclude one another")
            return nil
        case (_?, nil):
            return duration.map { .after($0) }
        case (nil, _?):
            return fraction.map { .afterFraction($0) }
        }
    }

    private mutating func parse<Value>(_ node: ConfigurationNode, _ setting: Setting<Value>) -> Value? {
        parse(node, setting.name, setting.type)
    }

    private mutating func sessionsPerSubject(
        _ settings: Settings.Client
    ) -> Configuration.Client.SessionsPerSubject? {
        let max = value(settings.sessionsPerSubjectMax)
        let whenFull = value(settings.sessionsPerSubjectWhenFull)
        guard let count = max.value else {
            if max.isSound, whenFull.origin != .builtIn {
                let name = settings.sessionsPerSubjectWhenFull.name
                fault(whenFull.origin, "\(name): there is no limit to reach; set max beside it")
            }
            leaveOut(settings.sessionsPerSubjectWhenFull.name)
            return nil
        }
        return Configuration.Client.SessionsPerSubject(max: count, whenFull: whenFull.value)
    }
}

extension ConfigurationDecoder {
    private mutating func checkGrace(
        _ window: Located<Duration>,
        of accessTokenTTL: Located<Duration>,
        _ settings: Settings.Client
    ) {
        let most = Duration.milliseconds(accessTokenTTL.value.wholeMilliseconds / 10)
        guard window.isSound, accessTokenTTL.isSound, window.value > most else { return }
        fault(
            window.origin == .builtIn ? accessTokenTTL.origin : window.origin,
            "clients.\(settings.id): grace.window \(DurationText.render(window.value)) is more than a tenth of access_token_ttl "
                + "\(DurationText.render(accessTokenTTL.value)); it can be at most \(DurationText.render(most))"
        )
    }

    private mutating func checkLifetime(
        _ name: String,
        _ lifetime: Located<Duration>,
        within absolute: Located<Duration>,
        _ settings: Settings.Client
    ) {
        guard lifetime.isSound, absolute.isSound, lifetime.value > absolute.value else { return }
        fault(
            lifetime.origin == .builtIn ? absolute.origin : lifetime.origin,
            "clients.\(settings.id): \(name) \(DurationText.render(lifetime.value)) is longer than absolute "
                + DurationText.render(absolute.value)
        )
    }

    private mutating func checkRotation(
        _ rotation: Located<Configuration.Client.Rotation>,
        within absolute: Located<Duration>,
        _ settings: Settings.Client
    ) {
        guard rotation.isSound, absolute.isSound else { return }
        guard case .after(let age) = rotation.value, age > absolute.value else { return }
        fault(
            rotation.origin,
            "clients.\(settings.id): rotation after \(DurationText.render(age)) never happens, as sessions end after absolute "
                + "\(DurationText.render(absolute.value)); write never if that is meant"
        )
    }
}

extension Configuration.Client.Rotation {
    /// The value as the file spells it.
    fileprivate var text: String {
        switch self {
        case .always: "always"
        case .never: "never"
        case .after(let age): "{after: \(DurationText.render(age))}"
        case .afterFraction(let fraction): "{after_fraction: \(fraction)}"
        }
    }
}
