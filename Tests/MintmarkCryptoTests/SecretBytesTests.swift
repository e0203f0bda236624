import Glibc
import Testing

@testable import MintmarkCrypto

@Suite struct SecretBytesTests {
    @Test(arguments: [1, 15, 16, 17, 4095, 4096, 4097])
    func holdsWhatTheClosureWrote(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7) }
        let secret = SecretBytes(bytes)
        #expect(secret.count == count)
        #expect(secret.copy == bytes)
    }

    @Test func randomSecretsComeFromTheGivenSource() {
        #expect(SecretBytes(count: 3, random: FixedRandom(bytes: [1, 2, 3])).copy == [1, 2, 3])
        #expect(
            SecretBytes(count: 32, random: SystemRandom()).copy != SecretBytes(count: 32, random: SystemRandom()).copy
        )
    }

    @Test func errorOfTheClosureIsPassedOn() {
        struct Refusal: Error {}
        #expect(throws: Refusal.self) {
            try SecretBytes(count: 8) { (_) throws(Refusal) in throw Refusal() }
        }
    }

    @Test func writingAfterInitialisationFaults() async {
        await #expect(processExitsWith: .signal(SIGSEGV)) {
            Sanitizer.leaveFaultsAlone()
            SecretBytes([1, 2, 3]).withUnsafeBytes { start in
                UnsafeMutablePointer(mutating: start)[0] = 0
            }
        }
    }

    @Test func readingBehindTheEndFaults() async {
        await #expect(processExitsWith: .signal(SIGSEGV)) {
            Sanitizer.leaveFaultsAlone()
            SecretBytes([1, 2, 3]).withUnsafeBytes { start in
                precondition(start[2] == 3)
                exit(start[3] == 0 ? 0 : 1)
            }
        }
    }

    @Test func readingAfterTheEndOfItsLifeFaults() async {
        await #expect(processExitsWith: .signal(SIGSEGV)) {
            Sanitizer.leaveFaultsAlone()
            var secret: SecretBytes? = SecretBytes([1, 2, 3])
            let address = secret?.withUnsafeBytes { Int(bitPattern: $0) } ?? 0
            secret = nil
            exit(UnsafePointer<UInt8>(bitPattern: address)?.pointee == 1 ? 0 : 1)
        }
    }

    @Test func emptySecretIsAProgrammersError() async {
        await #expect(processExitsWith: .failure) {
            _ = SecretBytes([])
        }
    }

    @Test(.enabled(if: !Sanitizer.isThere, "mlock does nothing then"))
    func memoryThatCannotBeLockedIsReported() async {
        await #expect(processExitsWith: .success) {
            // The limit does not bind a privileged process.
            var none = rlimit(rlim_cur: 0, rlim_max: 0)
            try #require(setrlimit(__rlimit_resource_t(__RLIMIT_MEMLOCK.rawValue), &none) == 0)
            if getuid() == 0 {
                try #require(setuid(65534) == 0)
            }
            #expect(SecretBytes.unlockedCount == 0)
            var secret: SecretBytes? = SecretBytes([1, 2, 3])
            #expect(secret?.isLocked == false)
            #expect(secret?.copy == [1, 2, 3])
            #expect(SecretBytes.unlockedCount == 1)
            secret = nil
            #expect(SecretBytes.unlockedCount == 0)
        }
    }

    @Test func lockedMemoryIsReported() {
        // Eight regions of one page are within every usual limit.
        let secrets = (0..<8).map { _ in SecretBytes([1]) }
        #expect(secrets.filter { !$0.isLocked }.isEmpty)
    }
}
