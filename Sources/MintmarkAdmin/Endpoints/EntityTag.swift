/// A strong entity tag (RFC 9110 section 8.8.3). Immutable.
struct EntityTag: Sendable, Equatable {
    /// With its quotes.
    let text: String

    /// - Parameter opaque: without quotes.
    init(_ opaque: String) {
        text = "\"\(opaque)\""
    }

    /// Whether an If-None-Match header lists it, by weak comparison (RFC 9110 section 13.1.2).
    func isListed(in header: String) -> Bool {
        if header == "*" {
            return true
        }
        // No tag of this server holds a comma.
        return header.split(separator: ",").contains { item in
            let tag = item.trimmingSpaces
            return (tag.hasPrefix("W/") ? tag.dropFirst(2) : tag) == text
        }
    }
}

extension Substring {
    /// Without spaces and tabs at its ends.
    var trimmingSpaces: Substring {
        var trimmed = self
        while let first = trimmed.first, first == " " || first == "\t" { trimmed = trimmed.dropFirst() }
        while let last = trimmed.last, last == " " || last == "\t" { trimmed = trimmed.dropLast() }
        return trimmed
    }
}
