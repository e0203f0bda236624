import MintmarkStorage
import MintmarkTestSupport

extension SimulatedDisk: StorageDirectory {
    func list() throws(StorageFault) -> [String] {
        let names = try call(DiskRequest(operation: .list, name: ".") { $0.fileNames.sorted() })
        // In no order that anybody could get used to.
        var generator = SeededGenerator(seed: seed &+ UInt64(callCount))
        return names.shuffled(using: &generator)
    }

    func create(_ name: String) throws(StorageFault) -> any StorageFile {
        let request = DiskRequest(operation: .create, name: name) { (contents) throws(StorageFault) in
            try contents.create(name)
        }
        return SimulatedFile(name: name, node: try call(request), on: self)
    }

    func open(_ name: String) throws(StorageFault) -> any StorageFile {
        let request = DiskRequest(operation: .open, name: name) { (contents) throws(StorageFault) in
            try contents.open(name)
        }
        return SimulatedFile(name: name, node: try call(request), on: self)
    }

    func rename(_ name: String, to newName: String) throws(StorageFault) {
        let request = DiskRequest(operation: .rename, name: name, detail: "to \(newName)") {
            (contents) throws(StorageFault) in
            try contents.rename(name, to: newName)
        }
        try call(request)
    }

    func remove(_ name: String) throws(StorageFault) {
        let request = DiskRequest(operation: .remove, name: name) { (contents) throws(StorageFault) in
            try contents.remove(name)
        }
        try call(request)
    }

    func synchronize() throws(StorageFault) {
        var request = DiskRequest(operation: .synchronizeDirectory, name: ".") { (contents) throws(StorageFault) in
            try contents.synchronizeNames()
        }
        request.leave = { contents, generator in contents.failToSynchronizeNames(using: &generator) }
        try call(request)
    }
}
