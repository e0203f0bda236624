import Foundation
import Testing

@testable import MintmarkTokens

/// The published vectors: `Protocol/vectors/claims.json`.
@Suite struct ClaimsVectorTests {
    struct Document: Decodable {
        struct Case: Decodable, CustomTestStringConvertible, Sendable {
            let name: String
            let claims: VectorBytes
            let status: String?

            var testDescription: String { name }
        }

        let cases: [Case]
    }

    static let document = Result {
        let file = repositoryRoot.appending(path: "Protocol/vectors/claims.json")
        return try JSONDecoder().decode(Document.self, from: Data(contentsOf: file))
    }

    @Test(arguments: try document.get().cases)
    func statusIsAsPublished(_ vector: Document.Case) {
        var validator = ClaimsValidator()
        var status: String?
        do {
            try validator.validate(vector.claims.bytes.span.bytes)
        } catch .duplicate {
            status = "CLAIMS_DUPLICATE"
        } catch .reserved {
            status = "CLAIMS_RESERVED"
        } catch {
            status = "CLAIMS_INVALID"
        }
        #expect(status == vector.status)
    }
}
