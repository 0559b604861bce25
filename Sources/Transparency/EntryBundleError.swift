/// Why an entry or a bundle of entries was refused.
package enum EntryBundleError: Error, Equatable, Sendable, CaseIterable {
    /// The entry is longer than ``EntryBundle/entryByteCountMax``.
    case entryTooLong
    /// The width is not from 1 to ``TileLayout/width``.
    case width
    /// The bundle ends within an entry, or before the last one.
    case truncated
    /// There are bytes behind the last entry.
    case leftover
}

extension EntryBundleError: CustomStringConvertible {
    /// One line for a person.
    package var description: String {
        switch self {
        case .entryTooLong: "an entry is longer than \(EntryBundle.entryByteCountMax) bytes"
        case .width: "an entry bundle has from 1 to \(TileLayout.width) entries"
        case .truncated: "the entry bundle is cut off"
        case .leftover: "the entry bundle has bytes behind its last entry"
        }
    }
}
