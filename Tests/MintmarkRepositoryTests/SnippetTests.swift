import Testing

/// Holds the Swift code of the documents to code that is compiled.
@Suite struct SnippetTests {
    /// Where code stands for readers.
    private static let documents =
        ["README.md"] + Repository.files(below: "Sources/MintmarkClient/MintmarkClient.docc", suffix: ".md")

    @Test(arguments: documents)
    func everySwiftBlockIsCompiled(document: String) throws {
        let snippets = try Snippet.compiled()
        let blocks = Snippet.blocks(of: try Repository.text(of: document))
        for block in blocks {
            #expect(snippets.contains { $0.code == block }, "no test compiles this of \(document):\n\(block)")
        }
    }

    @Test func everySnippetIsShown() throws {
        var blocks: [String] = []
        for document in Self.documents {
            blocks += Snippet.blocks(of: try Repository.text(of: document))
        }
        let snippets = try Snippet.compiled()
        #expect(!snippets.isEmpty)
        for snippet in snippets {
            #expect(blocks.contains(snippet.code), "no document shows \(snippet.name)")
        }
    }
}

/// Code between `// snippet: NAME` and `// end` of a test.
private struct Snippet {
    let name: String
    let code: String

    private static let start = "// snippet: "
    private static let end = "// end"

    /// All snippets that are compiled, as they look without their indentation.
    static func compiled() throws -> [Snippet] {
        var snippets: [Snippet] = []
        for file in Repository.files(below: "Tests/MintmarkClientTests/Snippets", suffix: ".swift") {
            var open: (name: String, indentation: Int, lines: [Substring])?
            for line in try Repository.text(of: file).split(separator: "\n", omittingEmptySubsequences: false) {
                let text = line.drop { $0 == " " }
                if text.hasPrefix(start) {
                    open = (String(text.dropFirst(start.count)), line.count - text.count, [])
                } else if text == end, let snippet = open {
                    snippets.append(Snippet(name: snippet.name, code: snippet.lines.joined(separator: "\n")))
                    open = nil
                } else if let indentation = open?.indentation {
                    open?.lines.append(line.dropFirst(indentation))
                }
            }
        }
        return snippets
    }

    /// The blocks of a Markdown document that are Swift.
    static func blocks(of document: String) -> [String] {
        var blocks: [String] = []
        var open: [Substring]?
        for line in document.split(separator: "\n", omittingEmptySubsequences: false) {
            if line == "```swift" {
                open = []
            } else if line == "```", let lines = open {
                blocks.append(lines.joined(separator: "\n"))
                open = nil
            } else {
                open?.append(line)
            }
        }
        return blocks
    }
}
