import CYAML

/// One step through a YAML document, with the place where it begins.
struct YAMLEvent: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        case streamStart
        case streamEnd
        case documentStart(hasDirectives: Bool)
        case documentEnd
        case alias
        case scalar(String, isQuoted: Bool)
        case sequenceStart
        case sequenceEnd
        case mappingStart
        case mappingEnd
    }

    let kind: Kind
    /// From 1.
    let line: Int
    /// From 1, in characters.
    let column: Int
    let hasAnchor: Bool
    let hasTag: Bool
}

/// What libyaml did not understand, and where.
struct YAMLSyntaxError: Error, Sendable, Equatable {
    let problem: String
    let line: Int
    let column: Int
}

/// The events of one YAML text, from libyaml. Owned by the reader that walks through them.
struct YAMLEventReader: ~Copyable {
    /// libyaml keeps the addresses of both between calls.
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>
    private let byteCount: Int

    /// - Parameter bytes: the text, UTF-8; copied.
    init(_ bytes: [UInt8]) {
        // libyaml asserts that the input has an address, an empty one too.
        input = .allocate(capacity: max(1, bytes.count))
        _ = input.initialize(from: bytes)
        byteCount = bytes.count
        parser = .allocate(capacity: 1)
        precondition(yaml_parser_initialize(parser) == 1, "libyaml has no memory for a parser")
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, input.baseAddress, bytes.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        input.deallocate()
    }

    /// The next event; behind `streamEnd` there is none and this must not be called.
    mutating func next() throws(YAMLSyntaxError) -> YAMLEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw syntaxError }
        defer { yaml_event_delete(&event) }
        return YAMLEvent(event)
    }

    private var syntaxError: YAMLSyntaxError {
        let mark = parser.pointee.problem_mark
        var problem = parser.pointee.problem.map { String(cString: $0) } ?? "no memory"
        if Self.tabProblems.contains(problem), isTab(at: Int(mark.index)) {
            problem = "here is a tab, and YAML takes only spaces for indentation"
        } else if let context = parser.pointee.context {
            problem += " \(String(cString: context)) of line \(parser.pointee.context_mark.line + 1)"
        }
        return YAMLSyntaxError(problem: problem, line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }

    /// What libyaml says where a tab stands in the indentation. The first it says of other characters, too.
    private static let tabProblems: Set<String> = [
        "found character that cannot start any token",
        "found a tab character that violates indentation",
        "found a tab character where an indentation space is expected",
    ]

    /// - Parameter index: in characters, as libyaml counts.
    private func isTab(at index: Int) -> Bool {
        String(decoding: input.prefix(byteCount), as: UTF8.self).unicodeScalars.dropFirst(index).first == "\t"
    }
}

extension YAMLEvent {
    fileprivate init(_ event: yaml_event_t) {
        var hasAnchor = false
        var hasTag = false
        switch event.type {
        case YAML_STREAM_START_EVENT: kind = .streamStart
        case YAML_STREAM_END_EVENT: kind = .streamEnd
        case YAML_DOCUMENT_START_EVENT:
            let start = event.data.document_start
            kind = .documentStart(
                hasDirectives: start.version_directive != nil || start.tag_directives.start != start.tag_directives.end
            )
        case YAML_DOCUMENT_END_EVENT: kind = .documentEnd
        case YAML_ALIAS_EVENT: kind = .alias
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            kind = .scalar(text, isQuoted: scalar.style != YAML_PLAIN_SCALAR_STYLE)
            hasAnchor = scalar.anchor != nil
            hasTag = scalar.tag != nil
        case YAML_SEQUENCE_START_EVENT:
            kind = .sequenceStart
            hasAnchor = event.data.sequence_start.anchor != nil
            hasTag = event.data.sequence_start.tag != nil
        case YAML_SEQUENCE_END_EVENT: kind = .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            kind = .mappingStart
            hasAnchor = event.data.mapping_start.anchor != nil
            hasTag = event.data.mapping_start.tag != nil
        case YAML_MAPPING_END_EVENT: kind = .mappingEnd
        default: preconditionFailure("libyaml made an event of the unknown type \(event.type.rawValue)")
        }
        line = Int(event.start_mark.line) + 1
        column = Int(event.start_mark.column) + 1
        self.hasAnchor = hasAnchor
        self.hasTag = hasTag
    }
}
