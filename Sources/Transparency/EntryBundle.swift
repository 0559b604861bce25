/// Entries one after the other (C2SP tlog-tiles): each is its length in two bytes, most significant first, and itself.
package enum EntryBundle {
    /// The longest entry in bytes: what two bytes can say.
    package static let entryByteCountMax = 65_535

    private static let lengthByteCount = 2

    /// Appends an entry to the bytes of a bundle.
    ///
    /// - Throws: ``EntryBundleError/entryTooLong``; nothing was appended then.
    package static func append(_ entry: ArraySlice<UInt8>, to bundle: inout [UInt8]) throws(EntryBundleError) {
        guard entry.count <= entryByteCountMax else { throw .entryTooLong }
        bundle.append(UInt8(entry.count >> 8))
        bundle.append(UInt8(entry.count & 0xff))
        bundle += entry
    }

    /// Appends an entry to the bytes of a bundle.
    ///
    /// - Throws: ``EntryBundleError/entryTooLong``; nothing was appended then.
    package static func append(_ entry: [UInt8], to bundle: inout [UInt8]) throws(EntryBundleError) {
        try append(entry[...], to: &bundle)
    }

    /// Returns where in the bytes of a bundle each entry stands.
    ///
    /// - Parameters:
    ///   - bundle: The whole bundle.
    ///   - width: How many entries it has to have: from 1 to ``TileLayout/width``.
    /// - Returns: The ranges, in the order of the entries.
    /// - Throws: ``EntryBundleError`` when there are not exactly as many, with nothing left over.
    package static func ranges(in bundle: [UInt8], width: Int) throws(EntryBundleError) -> [Range<Int>] {
        guard (1...TileLayout.width).contains(width) else { throw .width }
        var ranges: [Range<Int>] = []
        ranges.reserveCapacity(width)
        var position = 0
        for _ in 0..<width {
            guard bundle.count - position >= lengthByteCount else { throw .truncated }
            let count = Int(bundle[position]) << 8 | Int(bundle[position + 1])
            position += lengthByteCount
            guard bundle.count - position >= count else { throw .truncated }
            ranges.append(position..<(position + count))
            position += count
        }
        guard position == bundle.count else { throw .leftover }
        return ranges
    }
}
