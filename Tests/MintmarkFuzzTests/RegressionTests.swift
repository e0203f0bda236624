import Foundation
import MintmarkFuzz
import Testing

/// Inputs that once broke what they were fed to, and the frames and tokens of the vectors, from which fuzzing starts.
@Suite struct RegressionTests {
    private static let root = URL(fileURLWithPath: #filePath).pathComponents.dropLast(3).joined(separator: "/")
        .dropFirst()

    /// The targets of `Tools/fuzz`, by the names of their folders.
    private static let targets: [(name: String, run: @Sendable ([UInt8]) -> Void)] = [
        ("frames", runAlone), ("tokens", TokenFuzz.run), ("json", JSONFuzz.run),
        ("refreshtokens", RefreshTokenFuzz.run), ("journal", JournalFuzz.run), ("snapshots", SnapshotFuzz.run),
    ]

    /// Runs an input on a server that was asked nothing before.
    private static func runAlone(_ input: [UInt8]) {
        let fuzz = FrameFuzz()
        fuzz.run(input)
    }

    @Test(arguments: targets.indices)
    func whatOnceBrokeSomethingIsHarmless(target: Int) throws {
        let (name, run) = Self.targets[target]
        // In each folder stands at least one: the vectors' first frame, an empty text.
        let regressions = try Self.inputs("Regressions/\(name)")
        try #require(!regressions.isEmpty)
        for input in regressions { run(input) }
    }

    @Test(arguments: targets.indices)
    func whatIsKeptFromFuzzingIsHarmless(target: Int) throws {
        let (name, run) = Self.targets[target]
        let corpus = try Self.inputs("Corpus/\(name)")
        try #require(!corpus.isEmpty)
        for input in corpus { run(input) }
    }

    @Test func everyTargetHasItsFolders() throws {
        for folder in ["Regressions", "Corpus"] {
            let names = try FileManager.default.contentsOfDirectory(
                atPath: "\(Self.root)/Tools/mintmark-fuzz/\(folder)"
            )
            #expect(Set(names) == Set(Self.targets.map(\.name)))
        }
    }

    @Test func framesOfTheVectorsAreHarmless() throws {
        let folder = URL(fileURLWithPath: "\(Self.root)/Protocol/vectors")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        let frames = try files.filter { $0.pathExtension == "json" }.flatMap { file in
            Self.strings("frame", in: try JSONSerialization.jsonObject(with: Data(contentsOf: file)))
        }
        #expect(frames.count > 100)
        let fuzz = FrameFuzz()
        for frame in frames { fuzz.run(Self.bytes(frame)) }
    }

    @Test func tokensOfTheVectorsAreHarmless() throws {
        let file = URL(fileURLWithPath: "\(Self.root)/Protocol/vectors/access-tokens.json")
        let tokens = Self.strings("token", in: try JSONSerialization.jsonObject(with: Data(contentsOf: file)))
        #expect(tokens.count > 10)
        for token in tokens { TokenFuzz.run([0] + Array(token.utf8)) }
    }

    @Test func thePlantedMistakeStopsTheProcess() async {
        PlantedFuzz.run(Array("BU".utf8))
        PlantedFuzz.run(Array("bug".utf8))
        await #expect(processExitsWith: .failure) { PlantedFuzz.run(Array("BUG!".utf8)) }
    }

    /// Every string that is a member of this name, however deep.
    private static func strings(_ name: String, in value: Any) -> [String] {
        if let list = value as? [Any] { return list.flatMap { strings(name, in: $0) } }
        guard let object = value as? [String: Any] else { return [] }
        let own = (object[name] as? String).map { [$0] } ?? []
        return own + object.values.flatMap { strings(name, in: $0) }
    }

    private static func bytes(_ hexadecimal: String) -> [UInt8] {
        let digits = hexadecimal.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
    }

    private static func inputs(_ folder: String) throws -> [[UInt8]] {
        let folder = URL(fileURLWithPath: "\(root)/Tools/mintmark-fuzz/\(folder)")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return try files.map { Array(try Data(contentsOf: $0)) }
    }
}
