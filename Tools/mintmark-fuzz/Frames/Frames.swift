import MintmarkFuzz

// libFuzzer calls from one thread.
nonisolated(unsafe) private let frameFuzz = FrameFuzz()

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    frameFuzz.run(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
