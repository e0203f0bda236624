import MintmarkSessions
import MintmarkSessionsTestSupport
import MintmarkTestSupport
import Testing

@testable import MintmarkStorage

/// An older state of the disk is put back: clients are ahead of the store.
@Suite struct OldBackupTests {
    @Test(arguments: 0..<10 as Range<UInt64>)
    func aHolderAheadIsTakenForwardOnceAndNoTokenIsMintedTwice(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let disk = SimulatedDisk(seed: seed)
        let fixture = StorageFixture(disk, seed: seed)
        try fixture.start()
        var chains: [[[UInt8]]] = []
        for _ in 0..<5 {
            chains.append([try #require(fixture.open().granted).token])
        }
        try rotate(&chains, on: fixture, times: Int.random(in: 0..<4, using: &generator))
        if Bool.random(using: &generator) {
            #expect(fixture.snapshot() == nil)
        }
        let backup = disk.contents
        try rotate(&chains, on: fixture, times: Int.random(in: 1..<4, using: &generator))
        #expect(fixture.revoke(.everything(of: .subject(Array("alice".utf8)))) != .refused(.storage))
        fixture.work()
        fixture.kill()
        disk.contents = backup
        disk.crash(power: .lost)
        // The clock went on meanwhile, or the machine's was put back as well.
        fixture.advance(milliseconds: UInt64.random(in: 0...2_000, using: &generator))
        try fixture.start()
        var minted = Set(chains.joined())
        for chain in chains {
            let newest = try #require(chain.last)
            let forwarded = try #require(fixture.refresh(newest).granted)
            #expect(forwarded.outcome == .fastForward)
            #expect(minted.insert(forwarded.token).inserted)
            #expect(fixture.refresh(newest).granted?.token == forwarded.token, "a retry")
            #expect(fixture.refresh(chain[0]).refusal == .reused)
            #expect(fixture.refresh(forwarded.token).refusal == .revoked)
        }
    }

    private func rotate(_ chains: inout [[[UInt8]]], on fixture: StorageFixture, times: Int) throws {
        for _ in 0..<times {
            for index in chains.indices {
                let newest = try #require(chains[index].last)
                chains[index].append(try #require(fixture.refresh(newest).granted).token)
            }
            fixture.work()
        }
    }
}
