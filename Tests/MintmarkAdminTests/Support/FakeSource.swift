import MintmarkAdmin
import NIOConcurrencyHelpers

/// A server that is what the test says.
struct FakeSource: AdminSource {
    var isAlive = true
    var readinessReasons: [String] = []
    var snapshot = StatusSnapshot()
    var families: [MetricFamily] = []
    var keys = KeySet(json: Array(#"{"keys":[]}"#.utf8), tag: "abc", cacheSeconds: 3_600)

    func loopsAnswer() async -> Bool { isAlive }
    func metrics() -> [MetricFamily] { families }
    func status() -> StatusSnapshot { snapshot }
    func keySet() -> KeySet { keys }
}
