/// An array that is emptied often: what is removed stays behind as room for others, so that removing costs nothing.
///
/// For plain values, since those that were removed live on: in an optimized build an index behind the end is not noticed
/// where something stood there once. Nothing is allocated where there was room before, unless the array was copied.
package struct ReusedArray<Element: Sendable>: RandomAccessCollection, MutableCollection, Sendable {
    private var room: [Element] = []
    package private(set) var count = 0

    init(capacity: Int) {
        room.reserveCapacity(capacity)
    }

    package var startIndex: Int { 0 }
    package var endIndex: Int { count }

    package subscript(index: Int) -> Element {
        @inline(__always)
        get {
            assert(index < count, "an element is read that was removed")
            return room[index]
        }
        @inline(__always)
        set {
            assert(index < count, "an element is written that was removed")
            room[index] = newValue
        }
    }

    @inline(__always)
    mutating func append(_ element: Element) {
        if count < room.count {
            room[count] = element
        } else {
            room.append(element)
        }
        count += 1
    }

    /// Removes all but the first `kept` elements, of which there must be that many.
    @inline(__always)
    mutating func removeAll(behind kept: Int) {
        precondition((0...count).contains(kept), "more elements are kept than there are")
        count = kept
    }
}
