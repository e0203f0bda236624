import Foundation
import MintmarkAdmin
import Testing

@testable import MintmarkServer

@Suite("The reference of metrics")
struct MetricsReferenceTests {
    /// `mintmarkd --print-metrics > Sources/METRICS.md` brings it up to date.
    @Test func theDocumentIsUpToDate() throws {
        let path = #filePath.components(separatedBy: "/Tests/")[0]
        let document = try String(contentsOfFile: "\(path)/Sources/METRICS.md", encoding: .utf8)
        #expect(document == ServerMetric.referenceDocument)
    }

    @Test func namesAreWhatScrapersExpect() {
        let metrics = ServerMetric.all
        #expect(Set(metrics.map(\.name)).count == metrics.count)
        for metric in metrics {
            #expect(metric.name.hasPrefix("mintmark_") || metric.name.hasPrefix("process_"))
            #expect(metric.name.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F }, "\(metric.name)")
            #expect(metric.name.hasSuffix("_total") == (metric.kind == .counter), "\(metric.name)")
            #expect(metric.meaning.hasSuffix("."), "\(metric.name)")
        }
    }
}
