package import Bytes

/// The place of a tile or an entry bundle (C2SP tlog-tiles): `tile/0/x001/x234/067`, `tile/entries/000.p/5`.
package struct TilePath: Hashable, Sendable {
    /// What is stored.
    package enum Kind: Hashable, Sendable {
        /// Hashes of a level of tiles, from 0 to ``TileLayout/levelMax``.
        case hashes(level: Int)
        /// The entries themselves.
        case entries
    }

    /// What is stored.
    package let kind: Kind
    /// Which one of its level, counted from 0 at the left.
    package let index: UInt64
    /// How many hashes or entries it has: from 1 to ``TileLayout/width``, which is a full one.
    package let width: Int

    /// The largest index of a tile: those of a tree of the largest size have no larger one.
    package static let indexMax = TreeHash.treeSizeMax / UInt64(TileLayout.width)
    /// The longest path in bytes.
    package static let byteCountMax = 64

    /// Puts a path together; `nil` for a level, index or width that no tree has.
    package init?(kind: Kind, index: UInt64, width: Int) {
        switch kind {
        case .hashes(let level): guard (0...TileLayout.levelMax).contains(level) else { return nil }
        case .entries: break
        }
        guard index <= Self.indexMax, (1...TileLayout.width).contains(width) else { return nil }
        self.kind = kind
        self.index = index
        self.width = width
    }

    /// Reads a path; `nil` unless it is the one spelling that ``path`` gives.
    package init?(path: some Collection<UInt8>) {
        guard path.count <= Self.byteCountMax else { return nil }
        var parts = Array(path).split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)[...]
        guard parts.popFirst().map(Array.init) == Array("tile".utf8), let kindPart = parts.popFirst(),
            let kind = Self.kind(of: kindPart)
        else { return nil }
        var width = TileLayout.width
        if parts.count >= 2, parts[parts.endIndex - 2].hasSuffix(Self.partialSuffix) {
            guard let last = parts.popLast(), let value = Decimal.decode(last), value < UInt64(TileLayout.width) else {
                return nil
            }
            width = Int(value)
            parts[parts.endIndex - 1].removeLast(Self.partialSuffix.count)
        }
        guard let index = Self.index(of: parts) else { return nil }
        self.init(kind: kind, index: index, width: width)
        // One spelling: no needless group of zeros.
        guard self.path.utf8.elementsEqual(path) else { return nil }
    }

    /// The path.
    package var path: Text {
        let levelText =
            switch kind {
            case .hashes(let level): "\(level)"
            case .entries: "entries"
            }
        var groups = Self.threeDigits(index % 1_000)
        var rest = index / 1_000
        while rest > 0 {
            groups = "x\(Self.threeDigits(rest % 1_000))/\(groups)"
            rest /= 1_000
        }
        return Text("tile/\(levelText)/\(groups)\(width == TileLayout.width ? "" : ".p/\(width)")")
    }

    /// Whether it is one that never changes any more.
    package var isFull: Bool { width == TileLayout.width }

    private static let partialSuffix = Array(".p".utf8)
    private static let groupDigitCount = 3

    private static func threeDigits(_ value: UInt64) -> String {
        let digits = "\(value)"
        return String(repeating: "0", count: groupDigitCount - digits.utf8.count) + digits
    }

    private static func kind(of part: ArraySlice<UInt8>) -> Kind? {
        if part.elementsEqual("entries".utf8) { return .entries }
        guard let level = Decimal.decode(part), level <= UInt64(TileLayout.levelMax) else { return nil }
        return .hashes(level: Int(level))
    }

    /// Reads groups of three digits, all but the last with an `x` before them.
    private static func index(of groups: ArraySlice<ArraySlice<UInt8>>) -> UInt64? {
        guard !groups.isEmpty else { return nil }
        var digits: [UInt8] = []
        for (position, group) in groups.enumerated() {
            let isLast = position == groups.count - 1
            guard isLast || group.first == UInt8(ascii: "x") else { return nil }
            let groupDigits = isLast ? group : group.dropFirst()
            guard groupDigits.count == groupDigitCount else { return nil }
            digits += groupDigits
        }
        let significant = digits.drop { $0 == UInt8(ascii: "0") }
        return significant.isEmpty ? 0 : Decimal.decode(significant)
    }
}

extension ArraySlice<UInt8> {
    fileprivate func hasSuffix(_ suffix: [UInt8]) -> Bool {
        count >= suffix.count && self.suffix(suffix.count).elementsEqual(suffix)
    }
}
