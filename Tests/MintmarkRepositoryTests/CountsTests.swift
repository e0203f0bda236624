import Testing

/// What `Tools/counts` compares with says what is promised: recording cannot take it back unseen.
@Suite struct CountsTests {
    @Test(arguments: ["ping", "verify_hot", "verify_hot_bare"])
    func cachedVerifiesAllocateNothing(operation: String) throws {
        let lines = try Repository.text(of: "Tools/mintmark-counts/counts.txt").split(separator: "\n")
        let counts = lines.map { $0.split(separator: " ") }.first { $0[0] == operation }
        #expect(counts?.last == "0")
    }
}
