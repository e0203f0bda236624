/// What tells the refresh tokens of one session apart: when the store began the life that minted it, and how many
/// rotations led to it. Ordered by epoch, then by number.
package struct TokenGeneration: Comparable, Hashable, Sendable {
    package let epoch: StoreEpoch

    /// Rotations since OPEN.
    package let number: UInt32

    package init(epoch: StoreEpoch, number: UInt32) {
        self.epoch = epoch
        self.number = number
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.epoch, left.number) < (right.epoch, right.number)
    }
}
