import CLinux
import Glibc
import MintmarkWire

/// The program that runs here.
package enum ProgramBuild {
    /// What the linker wrote into it; nil where it wrote nothing.
    package static let id: [UInt8]? = {
        let count = Int(getauxval(UInt(AT_PHNUM)))
        guard let start = UnsafePointer<Elf64_Phdr>(bitPattern: UInt(getauxval(UInt(AT_PHDR)))) else { return nil }
        let headers = UnsafeBufferPointer(start: start, count: count)
        guard let own = headers.first(where: { $0.p_type == UInt32(PT_PHDR) }) else { return nil }
        // Addresses in headers count from where the program was put.
        let base = UInt(bitPattern: start) - UInt(own.p_vaddr)
        for header in headers where header.p_type == UInt32(PT_NOTE) {
            let notes = UnsafeRawPointer(bitPattern: base + UInt(header.p_vaddr))
            let bytes = UnsafeRawBufferPointer(start: notes, count: notes == nil ? 0 : Int(header.p_memsz)).bytes
            if let id = BuildID.find(inNotes: bytes) { return id }
        }
        return nil
    }()

    /// Whether it was built for speed.
    package static var isOptimised: Bool {
        var isDebug = false
        // What stands in an assertion is evaluated in debug builds only.
        assert(
            {
                isDebug = true
                return true
            }()
        )
        return !isDebug
    }
}
