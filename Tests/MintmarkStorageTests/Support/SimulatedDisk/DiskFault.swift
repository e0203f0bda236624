import MintmarkStorage

/// What a simulated disk shall do to a call instead of what was asked.
struct DiskFault: Equatable, Sendable {
    enum Effect: Equatable, Sendable {
        /// The call fails with this `errno`. A write or an allocation may have done a part of its work.
        case fail(Int32)

        /// A write does at least one byte and not all. Other calls, and writes of one byte, are as always.
        case fallShort
    }

    let effect: Effect
    /// The kind of calls that are counted and hit; nil: all.
    let operation: StorageFault.Operation?
    /// Which of them is hit, from 1 on, counted from the beginning of the disk.
    let number: Int
    /// Whether all after it are hit as well.
    let isLasting: Bool

    init(_ effect: Effect, at number: Int, of operation: StorageFault.Operation? = nil, isLasting: Bool = false) {
        self.effect = effect
        self.operation = operation
        self.number = number
        self.isLasting = isLasting
    }

    /// Whether a call is hit.
    ///
    /// - Parameters:
    ///   - number: among all calls.
    ///   - numberOfKind: among those of its kind.
    func hits(_ operation: StorageFault.Operation, number: Int, numberOfKind: Int) -> Bool {
        guard let wanted = self.operation else {
            return isLasting ? number >= self.number : number == self.number
        }
        guard wanted == operation else { return false }
        return isLasting ? numberOfKind >= self.number : numberOfKind == self.number
    }
}

/// When a process that uses a simulated disk dies: at one of its calls.
struct DiskDeath: Equatable, Sendable {
    enum Moment: CaseIterable, Sendable {
        case before
        /// A write has done a part of its work; other calls none.
        case halfway
        case after
    }

    /// Among all calls, from 1 on, counted from the beginning of the disk.
    let number: Int
    let moment: Moment
}
