import MintmarkProgram

/// A piece of configuration before it has a meaning, and where it was written.
///
/// The file, the environment and the flags all become trees of this one kind. Immutable.
struct ConfigurationNode: Sendable, Equatable {
    indirect enum Content: Sendable, Equatable {
        /// Text. Quotes make a YAML scalar text for certain: `"4"` is no number.
        case scalar(String, isQuoted: Bool)
        /// An empty plain YAML scalar, or one spelled `~` or `null`.
        case null
        case sequence([ConfigurationNode])
        /// No key occurs twice.
        case mapping([Entry])
        /// Something the reader has reported already and nobody needs to complain about again.
        case refused
    }

    struct Entry: Sendable, Equatable {
        let key: String
        let keyOrigin: ConfigurationOrigin
        var value: ConfigurationNode
    }

    let origin: ConfigurationOrigin
    var content: Content

    /// The entries of a mapping; none for anything else.
    var entries: [Entry] {
        guard case .mapping(let entries) = content else { return [] }
        return entries
    }

    /// The node that a path of mapping keys leads to.
    subscript(path: some Sequence<Substring>) -> ConfigurationNode? {
        var node = self
        for key in path {
            guard let entry = node.entries.first(where: { $0.key == key }) else { return nil }
            node = entry.value
        }
        return node
    }

    /// What the node is, in the words of an error message.
    var summary: String {
        switch content {
        case .scalar(let text, let isQuoted): isQuoted ? "the quoted text '\(text.excerpt)'" : "'\(text.excerpt)'"
        case .null, .refused: "nothing"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}

extension ConfigurationNode {
    /// Puts `node` where `path` leads, making the mappings on the way.
    ///
    /// - Returns: false, and nothing changes, when the place or a part of the way is taken by a value.
    mutating func insert(_ node: ConfigurationNode, at path: ArraySlice<Substring>) -> Bool {
        guard let key = path.first else { return false }
        guard case .mapping(var entries) = content else { return false }
        let index = entries.firstIndex { $0.key == key }
        if path.count == 1 {
            guard index == nil else { return false }
            entries.append(Entry(key: String(key), keyOrigin: node.origin, value: node))
        } else {
            var child = index.map { entries[$0].value } ?? ConfigurationNode(origin: node.origin, content: .mapping([]))
            guard child.insert(node, at: path.dropFirst()) else { return false }
            if let index {
                entries[index].value = child
            } else {
                entries.append(Entry(key: String(key), keyOrigin: node.origin, value: child))
            }
        }
        content = .mapping(entries)
        return true
    }
}

extension String {
    /// The text as error messages quote it: at most 60 characters, escaped where they steer terminals.
    var excerpt: String {
        let charactersMax = 60
        let shown = String(String.UnicodeScalarView(unicodeScalars.prefix(charactersMax)))
        return shown.printable + (unicodeScalars.count > charactersMax ? "…" : "")
    }
}
