import MintmarkTestSupport

/// The names in a simulated directory: as processes see them, as the disk holds them, and what lies between.
struct NameTable {
    private enum Change {
        case created(String, Int)
        case renamed(String, to: String, Int)
        case removed(String, Int)
    }

    /// The file that a process finds under each name.
    private(set) var cached: [String: Int] = [:]
    /// The same on the disk, for certain.
    private(set) var durable: [String: Int] = [:]
    private var unsynced: [Change] = []
    /// Whether a sync has failed.
    private(set) var hasFailed = false

    var isSynced: Bool {
        unsynced.isEmpty
    }

    mutating func create(_ name: String, _ node: Int) {
        change(.created(name, node))
    }

    mutating func rename(_ name: String, to newName: String, _ node: Int) {
        change(.renamed(name, to: newName, node))
    }

    mutating func remove(_ name: String, _ node: Int) {
        change(.removed(name, node))
    }

    mutating func synchronize() {
        for change in unsynced {
            Self.apply(change, to: &durable)
        }
        unsynced = []
    }

    /// Some of the changes are forgotten: no later sync writes them.
    mutating func failToSynchronize(using generator: inout SeededGenerator) {
        unsynced.removeAll { _ in Bool.random(using: &generator) }
        hasFailed = true
    }

    /// The power goes and comes back: each change has reached the disk, or has not.
    mutating func losePower(using generator: inout SeededGenerator) {
        let fate = CrashFate.draw(changeCount: unsynced.count, using: &generator)
        for (index, change) in unsynced.enumerated() where fate.keeps(index, using: &generator) {
            Self.apply(change, to: &durable)
        }
        cached = durable
        unsynced = []
        hasFailed = false
    }

    private mutating func change(_ change: Change) {
        Self.apply(change, to: &cached)
        unsynced.append(change)
    }

    /// A name is taken away only from the file that the change is about: another may have it by now.
    private static func apply(_ change: Change, to names: inout [String: Int]) {
        switch change {
        case .created(let name, let node):
            names[name] = node
        case .renamed(let name, let newName, let node):
            names[newName] = node
            if names[name] == node {
                names[name] = nil
            }
        case .removed(let name, let node):
            if names[name] == node {
                names[name] = nil
            }
        }
    }
}
