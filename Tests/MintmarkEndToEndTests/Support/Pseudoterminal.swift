import Foundation
import Testing

/// A terminal without a person: a program writes to one end, the test reads the other.
final class Pseudoterminal {
    let terminal: FileHandle
    private let descriptor: Int32
    private(set) var text = ""

    // <asm-generic/ioctls.h>: TIOCSPTLCK and TIOCGPTN, which Swift does not import.
    private static let setLock: UInt = 0x4004_5431
    private static let getNumber: UInt = 0x8004_5430

    init(columns: UInt16 = 100, rows: UInt16 = 30) throws {
        descriptor = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        var (locked, number) = (Int32(0), Int32(0))
        try #require(ioctl(descriptor, Self.setLock, &locked) == 0 && ioctl(descriptor, Self.getNumber, &number) == 0)
        let name = "/dev/pts/\(number)"
        let other = open(name, O_RDWR | O_NOCTTY)
        try #require(other >= 0)
        terminal = FileHandle(fileDescriptor: other, closeOnDealloc: true)
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(other, UInt(TIOCSWINSZ), &size)
    }

    deinit {
        close(descriptor)
    }

    /// Reads until what was written holds `part`; false when nothing comes for half a minute.
    func read(until part: String) -> Bool {
        while !text.contains(part) {
            var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&wait, 1, 30_000) == 1 else { return false }
            var bytes = [UInt8](repeating: 0, count: 4_096)
            let count = Glibc.read(descriptor, &bytes, bytes.count)
            guard count > 0 else { return false }
            text += String(decoding: bytes[..<count], as: UTF8.self)
        }
        return true
    }

    /// How the terminal is set.
    var settings: Data {
        var value = termios()
        tcgetattr(descriptor, &value)
        return withUnsafeBytes(of: value) { Data($0.prefix(MemoryLayout<tcflag_t>.size * 4)) }
    }
}
