/// Names a call from the moment its task asks until the task has its outcome. Slots are used again, serials are not
/// (within 2^32 calls of one slot).
struct CallID: Hashable, Sendable {
    /// The place of the call in the tables of the inbox and the driver.
    let slot: Int
    /// How many calls had this slot before.
    let serial: UInt32
}
