import Foundation
import MintmarkEngine
import Testing

@testable import MintmarkServer

/// `Protocol/security.md` tells of every event, every reason and every bound.
@Suite struct AuditReferenceTests {
    private let text: String

    init() throws {
        let root = URL(fileURLWithPath: #filePath).pathComponents.prefix { $0 != "Tests" }.joined(separator: "/")
        let page = try String(contentsOfFile: "\(root)/Protocol/security.md", encoding: .utf8)
        let begin = try #require(page.range(of: "## The audit log"))
        let end = try #require(page.range(of: "\n## ", range: begin.upperBound..<page.endIndex))
        text = String(page[begin.upperBound..<end.lowerBound])
    }

    @Test(arguments: AuditEvent.Name.allCases)
    func eventIsInTheTable(name: AuditEvent.Name) {
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `") }
        let told = rows.filter { $0.split(separator: "|")[0].contains("`\(name.rawValue)`") }
        #expect(told.count == 1)
    }

    @Test(
        arguments: HandshakeRefusal.allCases.map(\.rawValue) + TLSRefusal.allCases.map(\.rawValue)
            + CallerLoss.allCases.map(\.rawValue) + PermissionRule.allCases.map(\.rawValue)
    )
    func reasonIsTold(reason: String) {
        #expect(text.contains("`\(reason)`"))
    }

    @Test func boundsAreTold() {
        #expect(text.contains("at most \(RefusalBudget.perSecondMax) a second"))
        #expect(text.contains("at most \(AuditLog.callersQueuedBytesMax >> 20) MiB"))
        #expect(text.contains("at most \(AuditLog.commitMillisecondsMax) ms"))
        #expect(AuditLog.queuedBytesMax - AuditLog.callersQueuedBytesMax == 1 << 20)
    }
}
