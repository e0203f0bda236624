import MintmarkTestSupport
import Testing

@testable import MintmarkTokens

@Suite struct JSONLimitTests {
    @Test(arguments: [(2, true), (3, false)], [2])
    func headerDepthIsLimited(_ depth: (levels: Int, isAllowed: Bool), depthMax: Int) {
        expectDepth(depth.levels, isAllowed: depth.isAllowed, depthMax: depthMax)
    }

    @Test(arguments: [(15, true), (16, true), (17, false)], [16])
    func claimsDepthIsLimited(_ depth: (levels: Int, isAllowed: Bool), depthMax: Int) {
        expectDepth(depth.levels, isAllowed: depth.isAllowed, depthMax: depthMax)
    }

    private func expectDepth(_ levels: Int, isAllowed: Bool, depthMax: Int) {
        let arrays = #"{"a":"# + JSONTables.nested(levels - 1) + "}"
        let objects = String(repeating: #"{"a":"#, count: levels - 1) + "{}" + String(repeating: "}", count: levels - 1)
        for json in [arrays, objects] {
            let error = JSONScannerTests.error(json.bytes, depthMax: depthMax)
            #expect(error?.reason == (isAllowed ? nil : .tooDeep))
        }
    }

    /// Around the count at which names are sorted instead of compared in pairs.
    @Test(arguments: [2, 15, 16, 17, 18, 31, 32, 33, 500])
    func duplicateIsFoundAtEveryPlace(_ count: Int) {
        var generator = SeededGenerator(seed: UInt64(count))
        #expect(JSONScannerTests.error(Self.object(names: (0..<count).map { "n\($0)" }).bytes) == nil)
        for first in Set([0, count / 2, count - 2]) {
            for second in Set([first + 1, count - 1]) where first < second && second < count {
                var names = (0..<count).map { "n\($0)-\(generator.next())" }
                names[second] = "\\u006e" + names[first].dropFirst()
                let json = Self.object(names: names)
                #expect(JSONScannerTests.error(json.bytes)?.reason == .duplicateName)
            }
        }
    }

    @Test func firstOfSeveralDuplicatesIsReported() {
        for count in [8, 40] {
            let names = (0..<count).map { "n\($0)" } + ["n1", "n0", "n1"]
            let json = Self.object(names: names)
            let position = Self.object(names: Array(names.prefix(count))).utf8.count
            #expect(JSONScannerTests.error(json.bytes) == JSONError(.duplicateName, at: position))
        }
    }

    @Test(arguments: [
        (#"{"a":0,"\u0061":0}"#, true), (#"{"\u0061":0,"\u0061":0}"#, true), (#"{"é":0,"\u00E9":0}"#, true),
        (#"{"𝄞":0,"\ud834\udd1e":0}"#, true), (#"{"/":0,"\/":0}"#, true), (#"{"\n":0,"\u000A":0}"#, true),
        (#"{"x":{"a":0,"a":0}}"#, true), (#"{"x":[{"a":0},{"b":0,"b":0}]}"#, true),
        (#"{"a":0,"A":0}"#, false), ("{\"\u{E9}\":0,\"e\u{301}\":0}", false), (#"{"a":0,"a\u0000":0}"#, false),
        (#"{"a":{"a":{"a":0}}}"#, false), (#"{"a":[{"a":0},{"a":0}]}"#, false), (#"{"n":0,"\\n":0}"#, false),
        (#"{"aaaaaaaab":0,"aaaaaaaac":0}"#, false), (#"{"aaaaaaaab":0,"\u0061aaaaaaab":0}"#, true),
    ])
    func namesAreComparedAfterUnescaping(json: String, isDuplicate: Bool) {
        #expect(JSONScannerTests.error(json.bytes)?.reason == (isDuplicate ? .duplicateName : nil))
    }

    /// Names chosen to be alike cost about as much as others: no input makes the comparison quadratic.
    @Test func manyLongEqualPrefixesAreNoAttack() {
        let names = (0..<2000).map { String(repeating: "a", count: 8) + String($0 + 10_000) }
        #expect(JSONScannerTests.error(Self.object(names: names).bytes) == nil)
        #expect(JSONScannerTests.error(Self.object(names: names.reversed()).bytes) == nil)
        #expect(JSONScannerTests.error(Self.object(names: names + [names[1999]]).bytes)?.reason == .duplicateName)
    }

    static func object(names: [String]) -> String {
        "{" + names.map { "\"\($0)\":0" }.joined(separator: ",") + "}"
    }
}
