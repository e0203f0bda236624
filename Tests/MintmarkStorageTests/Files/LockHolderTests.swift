import Glibc
import Testing

@testable import MintmarkStorage

/// Which process holds a lock, read from the system's list.
@Suite struct LockHolderTests {
    private static let list = """
        1: POSIX  ADVISORY  WRITE 11 fe:00:77 0 EOF
        2: FLOCK  ADVISORY  READ  12 fe:00:77 0 EOF
        3: FLOCK  ADVISORY  WRITE 13 fe:01:77 0 EOF
        4: FLOCK  ADVISORY  WRITE 14 fe:00:78 0 EOF
        4: -> FLOCK  ADVISORY  WRITE 15 fe:00:79 0 EOF
        5: FLOCK  ADVISORY  WRITE 16 fe:00:79 0 EOF
        6: FLOCK  ADVISORY  WRITE 0 fe:00:80 0 EOF
        7: FLOCK  ADVISORY  WRITE 17 08:10f:80 0 EOF
        8: FLOCK  ADVISORY

        """

    @Test(
        arguments: [
            (0xFE, 1, 77, 13), (0xFE, 0, 78, 14), (0xFE, 0, 79, 16), (8, 0x10F, 80, 17), (0xFE, 0, 77, nil),
            (0xFE, 0, 80, nil), (0xFE, 0, 7, nil),
        ] as [(UInt32, UInt32, ino_t, Int32?)]
    )
    func theProcessThatKeepsOthersAwayIsFound(major: UInt32, minor: UInt32, inode: ino_t, process: Int32?) {
        #expect(LockHolder.process(in: Self.list, major: major, minor: minor, inode: inode) == process)
    }
}
