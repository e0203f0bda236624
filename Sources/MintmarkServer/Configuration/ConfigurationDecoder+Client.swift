extension ConfigurationDecoder {
    /// The policy of the one client there can be.
    mutating func client() -> Configuration.Client {
        let rotation = rotation()
        let window = value(Settings.Client.graceWindow)
        let uses = value(Settings.Client.graceUses)
        let streak = value(Settings.Client.graceStreak)
        let accessTokenTTL = value(Settings.Client.accessTokenTTL)
        let idle = value(Settings.Client.idle)
        let absolute = value(Settings.Client.absolute)
        checkGrace(window, of: accessTokenTTL)
        checkLifetime("idle", idle, within: absolute)
        checkLifetime("access_token_ttl", accessTokenTTL, within: absolute)
        checkRotation(rotation, within: absolute)
        return Configuration.Client(
            rotation: rotation.value,
            grace: Configuration.Client.Grace(window: window.value, uses: uses.value, streak: streak.value),
            accessTokenTTL: accessTokenTTL.value,
            idle: idle.value,
            absolute: absolute.value,
            context: value(Settings.Client.context).value,
            clientMismatch: value(Settings.Client.clientMismatch).value,
            ttlJitterPercent: value(Settings.Client.ttlJitter).value,
            sessionsPerSubject: sessionsPerSubject()
        )
    }

    private mutating func rotation() -> Located<Configuration.Client.Rotation> {
        let setting = Settings.Client.rotation.description
        let located = decode(setting, fallback: .always) { decoder, node -> Configuration.Client.Rotation? in
            switch node.content {
            case .refused: nil
            case .mapping: decoder.rotationMapping(node)
            case .scalar, .null, .sequence: decoder.rotationWord(node)
            }
        }
        record(setting.name, located.value.text, located.origin)
        return located
    }

    private mutating func rotationWord(_ node: ConfigurationNode) -> Configuration.Client.Rotation? {
        guard case .scalar(let text, _) = node.content, let word = Settings.RotationWord(rawValue: text) else {
            let words = Settings.Client.rotation.type.range
            unexpected(node, Settings.Client.rotation.name, "\(words), {after: …} or {after_fraction: …}")
            return nil
        }
        switch word {
        case .always: return .always
        case .never: return .never
        }
    }

    private mutating func rotationMapping(_ node: ConfigurationNode) -> Configuration.Client.Rotation? {
        let after = node[["after"]]
        let afterFraction = node[["after_fraction"]]
        let duration = after.flatMap { parse($0, Settings.Client.rotationAfter) }
        let fraction = afterFraction.flatMap { parse($0, Settings.Client.rotationAfterFraction) }
        switch (after, afterFraction) {
        case (nil, nil):
            fault(node.origin, "\(Settings.Client.rotation.name): a mapping needs after or after_fraction")
            return nil
        case (let after?, let afterFraction?):
            let origin = max(after.origin, afterFraction.origin)
            fault(origin, "\(Settings.Client.rotation.name): after and after_fraction exclude one another")
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

    private mutating func sessionsPerSubject() -> Configuration.Client.SessionsPerSubject? {
        let max = value(Settings.Client.sessionsPerSubjectMax)
        let whenFull = value(Settings.Client.sessionsPerSubjectWhenFull)
        guard let count = max.value else {
            if max.isSound, whenFull.origin != .builtIn {
                let name = Settings.Client.sessionsPerSubjectWhenFull.name
                fault(whenFull.origin, "\(name): there is no limit to reach; set max beside it")
            }
            leaveOut(Settings.Client.sessionsPerSubjectWhenFull.name)
            return nil
        }
        return Configuration.Client.SessionsPerSubject(max: count, whenFull: whenFull.value)
    }
}

extension ConfigurationDecoder {
    private mutating func checkGrace(_ window: Located<Duration>, of accessTokenTTL: Located<Duration>) {
        let most = Duration.milliseconds(accessTokenTTL.value.wholeMilliseconds / 10)
        guard window.isSound, accessTokenTTL.isSound, window.value > most else { return }
        fault(
            window.origin == .builtIn ? accessTokenTTL.origin : window.origin,
            "clients.local: grace.window \(DurationText.render(window.value)) is more than a tenth of access_token_ttl "
                + "\(DurationText.render(accessTokenTTL.value)); it can be at most \(DurationText.render(most))"
        )
    }

    private mutating func checkLifetime(
        _ name: String,
        _ lifetime: Located<Duration>,
        within absolute: Located<Duration>
    ) {
        guard lifetime.isSound, absolute.isSound, lifetime.value > absolute.value else { return }
        fault(
            lifetime.origin == .builtIn ? absolute.origin : lifetime.origin,
            "clients.local: \(name) \(DurationText.render(lifetime.value)) is longer than absolute "
                + DurationText.render(absolute.value)
        )
    }

    private mutating func checkRotation(
        _ rotation: Located<Configuration.Client.Rotation>,
        within absolute: Located<Duration>
    ) {
        guard rotation.isSound, absolute.isSound else { return }
        guard case .after(let age) = rotation.value, age > absolute.value else { return }
        fault(
            rotation.origin,
            "clients.local: rotation after \(DurationText.render(age)) never happens, as sessions end after absolute "
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
