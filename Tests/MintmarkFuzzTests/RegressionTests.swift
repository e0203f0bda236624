import Foundation
import MintmarkFuzz
import Testing

/// Inputs that once broke what they were fed to, and every seed that fuzzing starts from.
@Suite struct RegressionTests {
    private static let root = URL(fileURLWithPath: #filePath).pathComponents.dropLast(3).joined(separator: "/")
        .dropFirst()

    @Test func framesThatOnceBrokeSomethingAreHarmless() throws {
        for input in try Self.regressions("frames") { FrameFuzz.run(input) }
    }

    @Test func tokensThatOnceBrokeSomethingAreHarmless() throws {
        for input in try Self.regressions("tokens") { TokenFuzz.run(input) }
    }

    @Test func thePlantedMistakeStopsTheProcess() async {
        PlantedFuzz.run(Array("BU".utf8))
        PlantedFuzz.run(Array("bug".utf8))
        await #expect(processExitsWith: .failure) { PlantedFuzz.run(Array("BUG!".utf8)) }
    }

    /// Below each folder stands at least one: the vectors' first frame, an empty token.
    private static func regressions(_ target: String) throws -> [[UInt8]] {
        let folder = URL(fileURLWithPath: "\(root)/Tools/mintmark-fuzz/Regressions/\(target)")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        try #require(!files.isEmpty)
        return try files.map { Array(try Data(contentsOf: $0)) }
    }
}
