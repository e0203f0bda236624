extension RawSpan {
    /// The byte at `offset`, which must be inside.
    @inline(__always)
    func byte(at offset: Int) -> UInt8 {
        // The load checks its bounds and UInt8 has no invalid bit patterns.
        unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    /// The big-endian number at `offset`, all of which must be inside.
    @inline(__always)
    func bigEndian<Number: FixedWidthInteger & BitwiseCopyable>(_ type: Number.Type, at offset: Int) -> Number {
        // The load checks its bounds and integers have no invalid bit patterns.
        unsafe Number(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: type))
    }

    /// A copy of the bytes in `range`, all of which must be inside.
    func array(_ range: Range<Int>) -> [UInt8] {
        unsafe extracting(range).withUnsafeBytes { unsafe [UInt8]($0) }
    }

    /// A copy of the UTF-8 text in `range`, all of which must be inside and well formed.
    func string(_ range: Range<Int>) -> String {
        unsafe extracting(range).withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }

    /// Copies of the texts in a list that was decoded from this body.
    func strings(_ list: ItemList) -> [String] { NameListFormat.copy(list, from: self) }
}
