/// Why a hash, a root or a proof could not be made.
package enum TreeError: Error, Equatable, Sendable {
    /// The tree size is larger than this tree, or than any tree may be.
    case size(UInt64)
    /// The leaf index is not in the tree of the given size.
    case index(UInt64, size: UInt64)
    /// The hash of a complete node is not known: trimmed, or its tile cannot be had.
    case missing(level: Int, index: UInt64)
    /// A tile has not the length of its width.
    case tileLength(level: Int, index: UInt64)
    /// A tile is not the one that the root hash commits to.
    case tileMismatch(level: Int, index: UInt64)
    /// The size at which a tree is to be resumed is not a multiple of the tile width.
    case alignment(UInt64)
}

extension TreeError: CustomStringConvertible {
    /// One line for a person.
    package var description: String {
        switch self {
        case .size(let size): "there is no tree of size \(size)"
        case .index(let index, let size): "there is no leaf \(index) in the tree of size \(size)"
        case .missing(let level, let index): "the hash at level \(level), index \(index) is not known"
        case .tileLength(let level, let index): "the tile at level \(level), index \(index) has the wrong length"
        case .tileMismatch(let level, let index): "the tile at level \(level), index \(index) is not that of the root"
        case .alignment(let size): "a tree cannot be resumed at size \(size)"
        }
    }
}
