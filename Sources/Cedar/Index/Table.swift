/// An immutable array of trivial elements whose memory belongs to a ``TableStorage``.
///
/// Reading an element counts no references, and every index is checked, so a table can only be misused by outliving
/// its storage. INVARIANT (table): a table is only read while the storage that made it is alive; whoever holds tables
/// holds the storage, too, and hands them out to nobody who could keep them.
@safe
struct Table<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
    private let base: UnsafeMutablePointer<Element>
    /// The number of elements.
    let count: Int

    fileprivate init(base: UnsafeMutablePointer<Element>, count: Int) {
        unsafe self.base = base
        self.count = count
    }

    /// The element at a place, which has to exist.
    subscript(index: Int) -> Element {
        @inline(__always) get {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
            return unsafe base[index]
        }
    }

    /// The element at a place, which has to exist.
    subscript(index: Int32) -> Element {
        @inline(__always) get { self[Int(index)] }
    }

    /// A stretch of the elements, which has to exist, as memory; it must not be used longer than the table.
    @unsafe func stretch(_ start: Int, _ length: Int) -> UnsafeBufferPointer<Element> {
        precondition(start >= 0 && length >= 0 && start <= count && length <= count - start)
        return unsafe UnsafeBufferPointer(start: base + start, count: length)
    }
}

/// The memory of tables that belong together; it is freed when the last reference to it goes.
///
/// Tables are made before the storage is shared between threads, and never change.
@safe
final class TableStorage: @unchecked Sendable {
    private var blocks: [UnsafeMutableRawPointer] = unsafe []
    /// The memory of all tables together.
    private(set) var byteCount = 0

    /// Copies elements into a table.
    func table<Element: BitwiseCopyable & Sendable>(_ elements: [Element]) -> Table<Element> {
        let base = UnsafeMutablePointer<Element>.allocate(capacity: max(1, elements.count))
        unsafe base.initialize(copying: elements)
        unsafe blocks.append(UnsafeMutableRawPointer(base))
        byteCount += elements.count * MemoryLayout<Element>.stride
        return unsafe Table(base: base, count: elements.count)
    }

    deinit {
        // Trivial elements need no deinitialization.
        while let block = unsafe blocks.popLast() { unsafe block.deallocate() }
    }
}

extension UnsafeMutablePointer {
    /// Initializes as many elements as the array has.
    fileprivate func initialize(copying elements: [Pointee]) {
        for (index, element) in elements.enumerated() { unsafe (self + index).initialize(to: element) }
    }
}
