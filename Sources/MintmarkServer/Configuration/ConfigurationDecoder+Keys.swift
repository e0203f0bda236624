import MintmarkProgram

extension ConfigurationDecoder {
    mutating func keys(dataDirectory: String, beside tokens: Configuration.Tokens) -> Configuration.Keys {
        let directory = value(Settings.Keys.directory, default: "\(dataDirectory)/keys")
        let passphraseFile = value(Settings.Keys.passphraseFile)
        // A key that somebody else provides may be shared with other servers, which one that is made here is not.
        let usualRotation: Duration? = tokens.isSigningKeyProvided ? nil : .days(30)
        let rotation = value(Settings.Keys.rotation, default: .some(usualRotation))
        let publication = value(Settings.Keys.publication)
        if rotation.isSound, publication.isSound, let period = rotation.value, publication.value > period {
            fault(
                publication.origin == .builtIn ? rotation.origin : publication.origin,
                "keys: jwks_cache \(DurationText.render(publication.value)) is longer than rotation "
                    + "\(DurationText.render(period)): a key could never be published in time"
            )
        }
        return Configuration.Keys(
            directory: directory.value,
            passphraseFile: passphraseFile.value,
            rotation: rotation.value,
            publication: publication.value
        )
    }

    mutating func trustedIssuers(issuer: Located<String>) -> Located<[Configuration.TrustedIssuer]> {
        let setting = Settings.trustedIssuers.description
        let located = decode(setting, fallback: []) { decoder, node in decoder.trustedIssuers(node) }
        if located.isSound, issuer.isSound, located.value.contains(where: { $0.issuer == issuer.value }) {
            fault(located.origin, "\(setting.name): '\(issuer.value.excerpt)' is this server's own issuer")
        }
        record(setting.name, "[\(located.value.map(\.text).joined(separator: ", "))]", located.origin)
        return located
    }

    private mutating func trustedIssuers(_ node: ConfigurationNode) -> [Configuration.TrustedIssuer]? {
        let name = Settings.TrustedIssuers.name
        guard case .sequence(let nodes) = node.content else {
            if node.content != .refused { unexpected(node, name, "a list of {issuer: …, jwks_file: …}") }
            return nil
        }
        guard nodes.count <= Settings.TrustedIssuers.countMax else {
            let most = Settings.TrustedIssuers.countMax
            fault(node.origin, "\(name): expected at most \(most) items, found \(nodes.count)")
            return nil
        }
        var issuers: [Configuration.TrustedIssuer] = []
        for node in nodes {
            guard let issuer = trustedIssuer(node) else { continue }
            if issuers.contains(where: { $0.issuer == issuer.issuer }) {
                fault(node.origin, "\(name): '\(issuer.issuer.excerpt)' occurs twice")
                continue
            }
            issuers.append(issuer)
        }
        return issuers.count == nodes.count ? issuers : nil
    }

    private mutating func trustedIssuer(_ node: ConfigurationNode) -> Configuration.TrustedIssuer? {
        let name = Settings.TrustedIssuers.name
        guard case .mapping(let entries) = node.content else {
            if node.content != .refused { unexpected(node, name, "{issuer: …, jwks_file: …}") }
            return nil
        }
        let known = ["issuer", "jwks_file", "audiences"]
        for entry in entries where !known.contains(entry.key) {
            let suggestion = NameSuggestion.question(NameSuggestion.nearest(to: entry.key, among: known))
            fault(entry.keyOrigin, "unknown setting '\(entry.key.excerpt)' in \(name)\(suggestion)")
        }
        let issuer = text(Settings.TrustedIssuers.issuer, "issuer", of: node)
        let jwksFile = text(Settings.TrustedIssuers.jwksFile, "jwks_file", of: node)
        let audiences = audiences(of: node)
        guard let issuer, let jwksFile, let audiences, entries.allSatisfy({ known.contains($0.key) }) else {
            return nil
        }
        return Configuration.TrustedIssuer(issuer: issuer, jwksFile: jwksFile, audiences: audiences)
    }

    private mutating func text(_ setting: Setting<String?>, _ key: Substring, of node: ConfigurationNode) -> String? {
        guard let member = node[[key]] else {
            fault(node.origin, "\(Settings.TrustedIssuers.name): an item needs issuer and jwks_file")
            return nil
        }
        return parse(member, setting.name, setting.type) ?? nil
    }

    private mutating func audiences(of node: ConfigurationNode) -> [String]? {
        guard let member = node[["audiences"]] else { return [] }
        let name = "\(Settings.TrustedIssuers.name).audiences"
        guard case .sequence(let nodes) = member.content, !nodes.isEmpty,
            nodes.count <= Settings.TrustedIssuers.audiencesMax
        else {
            let most = Settings.TrustedIssuers.audiencesMax
            if member.content != .refused { unexpected(member, name, "a list of 1 to \(most) audiences") }
            return nil
        }
        let audiences = nodes.compactMap { parse($0, name, Settings.TrustedIssuers.audience) }
        return audiences.count == nodes.count ? audiences : nil
    }
}

extension Configuration.TrustedIssuer {
    /// The value as the file spells it.
    fileprivate var text: String {
        let list = audiences.map(YAMLText.scalar).joined(separator: ", ")
        let tail = audiences.isEmpty ? "" : ", audiences: [\(list)]"
        return "{issuer: \(YAMLText.scalar(issuer)), jwks_file: \(YAMLText.scalar(jwksFile))\(tail)}"
    }
}
