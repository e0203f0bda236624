import Foundation

/// What the tests need from `Protocol/registry.json`.
enum Registry {
    private struct Document: Decodable {
        struct Limit: Decodable {
            let name: String
            let ceiling: Int
        }

        let limits: [Limit]
    }

    /// The ceiling of each limit, by name.
    static func limits() throws -> [String: Int] {
        let file = repositoryRoot.appending(path: "Protocol/registry.json")
        let document = try JSONDecoder().decode(Document.self, from: Data(contentsOf: file))
        return Dictionary(uniqueKeysWithValues: document.limits.map { ($0.name, $0.ceiling) })
    }
}
