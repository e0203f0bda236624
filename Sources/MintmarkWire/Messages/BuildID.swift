/// Finds the build ID of a program in its notes: what goes into `build_id`.
package enum BuildID {
    /// NT_GNU_BUILD_ID.
    private static let noteType: UInt32 = 3

    /// The descriptor of the first note that holds a build ID; nil where there is none of 1 to 64 bytes.
    ///
    /// - Parameter notes: A segment PT_NOTE: notes of the lengths of name and descriptor and the type, 32 bits each in
    ///   the order of the machine, and then the two, each padded to a multiple of four bytes.
    package static func find(inNotes notes: RawSpan) -> [UInt8]? {
        var offset = 0
        while offset + 12 <= notes.byteCount {
            let (name, descriptor) = (notes.word(at: offset), notes.word(at: offset + 4))
            let type = UInt32(truncatingIfNeeded: notes.word(at: offset + 8))
            let start = offset + 12 + padded(name)
            guard start + descriptor <= notes.byteCount else { return nil }
            let isGNU = notes.array(offset + 12..<offset + 12 + name) == Array("GNU\0".utf8)
            if isGNU, type == noteType, (1...64).contains(descriptor) { return notes.array(start..<start + descriptor) }
            offset = start + padded(descriptor)
        }
        return nil
    }

    private static func padded(_ length: Int) -> Int { (length + 3) & ~3 }
}

extension RawSpan {
    /// The machine's 32-bit number at `offset`, all of which must be inside.
    fileprivate func word(at offset: Int) -> Int {
        // The load checks its bounds and integers have no invalid bit patterns.
        unsafe Int(unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
}
