import Bytes
import Testing
import Transparency

@Suite struct TilePathTests {
    @Test(
        arguments: [
            (TilePath.Kind.hashes(level: 0), 0, 256, "tile/0/000"),
            (.hashes(level: 0), 5, 256, "tile/0/005"),
            (.hashes(level: 1), 999, 1, "tile/1/999.p/1"),
            (.hashes(level: 0), 1_000, 255, "tile/0/x001/000.p/255"),
            (.hashes(level: 3), 1_234_067, 256, "tile/3/x001/x234/067"),
            (.hashes(level: 7), 0, 64, "tile/7/000.p/64"),
            (.entries, 0, 5, "tile/entries/000.p/5"),
            (.entries, 1_234_067, 256, "tile/entries/x001/x234/067"),
            (.entries, TilePath.indexMax, 255, "tile/entries/x036/x028/x797/x018/x963/967.p/255"),
        ] as [(TilePath.Kind, UInt64, Int, String)]
    )
    func pathIsWrittenAndReadBack(kind: TilePath.Kind, index: UInt64, width: Int, text: String) throws {
        let path = try #require(TilePath(kind: kind, index: index, width: width))
        #expect(path.path.string == text)
        #expect(TilePath(path: text.utf8) == path)
        #expect(path.isFull == (width == 256))
    }

    @Test(
        arguments: [
            "", "tile", "tile/", "tile/0", "tile/0/", "/tile/0/000", "tile/0/000/", "tile//000", "tile/00/000",
            "tile/8/000", "tile/-1/000", "tile/a/000", "tile/entry/000", "tile/0/0", "tile/0/00", "tile/0/0000",
            "tile/0/0a0", "tile/0/x000", "tile/0/x000/000", "tile/0/x000/x001/000", "tile/0/001/000", "tile/0/x01/000",
            "tile/0/x001/x000", "tile/0/000.p", "tile/0/000.p/", "tile/0/000.p/0", "tile/0/000.p/01",
            "tile/0/000.p/256", "tile/0/000.p/5/", "tile/0/000.p/5/6", "tile/0/.p/5", "tile/0/x001.p/5",
            "tile/0/000.p/-5", "tile/0/000p/5", "tile/0/../000", "tile/0/000\n", "tile/8/0/000", "tile/0/x001.p/000",
            "tile/entries/x036/x028/x797/x018/x963/968", "tile/0/x999/x999/x999/x999/x999/x999/999",
        ]
    )
    func otherPathIsRefused(text: String) {
        #expect(TilePath(path: text.utf8) == nil)
    }

    @Test func partsThatNoTreeHasAreRefused() {
        #expect(TilePath(kind: .hashes(level: -1), index: 0, width: 1) == nil)
        #expect(TilePath(kind: .hashes(level: 8), index: 0, width: 1) == nil)
        #expect(TilePath(kind: .entries, index: 0, width: 0) == nil)
        #expect(TilePath(kind: .entries, index: 0, width: 257) == nil)
        #expect(TilePath(kind: .entries, index: TilePath.indexMax + 1, width: 1) == nil)
        #expect(TilePath(path: String(repeating: "tile/0/000", count: 1_000).utf8) == nil)
    }
}

@Suite struct TileLayoutTests {
    @Test func widthIsThatOfTheTreeSize() {
        #expect(TileLayout.width(level: 0, index: 0, treeSize: 0) == 0)
        #expect(TileLayout.width(level: 0, index: 0, treeSize: 255) == 255)
        #expect(TileLayout.width(level: 0, index: 0, treeSize: 256) == 256)
        #expect(TileLayout.width(level: 0, index: 1, treeSize: 256) == 0)
        #expect(TileLayout.width(level: 1, index: 0, treeSize: 255) == 0)
        #expect(TileLayout.width(level: 1, index: 0, treeSize: 256) == 1)
        #expect(TileLayout.width(level: 1, index: 0, treeSize: 65_535) == 255)
        #expect(TileLayout.width(level: 1, index: 0, treeSize: 65_536) == 256)
        #expect(TileLayout.width(level: 2, index: 0, treeSize: 65_536) == 1)
        #expect(TileLayout.width(level: 7, index: 0, treeSize: TreeHash.treeSizeMax) == 127)
        #expect(TileLayout.width(level: 8, index: 0, treeSize: TreeHash.treeSizeMax) == 0)
        #expect(TileLayout.width(level: -1, index: 0, treeSize: 5) == 0)
    }

    private func newTiles(_ oldSize: UInt64, _ newSize: UInt64) -> [String] {
        var paths: [String] = []
        TileLayout.forEachNewTile(from: oldSize, to: newSize) { paths.append($0.path.string) }
        return paths
    }

    @Test func newTilesAreThoseThatTheNewSizeAdds() {
        #expect(newTiles(0, 0).isEmpty)
        #expect(newTiles(7, 7).isEmpty)
        #expect(newTiles(8, 7).isEmpty)
        #expect(newTiles(0, 1) == ["tile/entries/000.p/1", "tile/0/000.p/1"])
        #expect(newTiles(3, 256) == ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"])
        #expect(newTiles(256, 257) == ["tile/entries/001.p/1", "tile/0/001.p/1"])
        #expect(
            newTiles(255, 513) == [
                "tile/entries/000", "tile/entries/001", "tile/entries/002.p/1", "tile/0/000", "tile/0/001",
                "tile/0/002.p/1", "tile/1/000.p/2",
            ]
        )
    }

    /// Whatever steps a tree grew in, the tiles of its last size were called for.
    @Test func everyTileOfTheLastSizeIsCalledForOnce() {
        var seen: [String: Int] = [:]
        var size: UInt64 = 0
        for step in [1, 100, 155, 1, 700, 64_000, 579, 5] as [UInt64] {
            for path in newTiles(size, size + step) { seen[path, default: 0] += 1 }
            size += step
        }
        #expect(seen.values.allSatisfy { $0 == 1 })
        for level in 0...2 {
            var index: UInt64 = 0
            while true {
                let width = TileLayout.width(level: level, index: index, treeSize: size)
                guard let path = TilePath(kind: .hashes(level: level), index: index, width: width) else { break }
                #expect(seen[path.path.string] == 1)
                index += 1
            }
            #expect(index > 0)
        }
    }
}

@Suite struct TileHashesTests {
    @Test func tileOfWholeHashesIsRead() throws {
        let leaves = ReferenceTree(size: 256).leaves
        for count in [1, 2, 255, 256] {
            #expect(Tile.hashes(Tile.bytes(leaves.prefix(count))) == Array(leaves.prefix(count)))
        }
        #expect(Tile.hashes([]) == nil)
        #expect(Tile.hashes([UInt8](repeating: 0, count: 31)) == nil)
        #expect(Tile.hashes([UInt8](repeating: 0, count: 33)) == nil)
        #expect(Tile.hashes([UInt8](repeating: 0, count: 257 * 32)) == nil)
    }

    @Test func tileGivesTheHashOfTheTileAbove() throws {
        let reference = ReferenceTree(size: 256)
        for count in [1, 2, 4, 128, 256] {
            #expect(Tile.root(reference.leaves.prefix(count)) == reference.root(count))
        }
        for count in [0, 3, 255] { #expect(Tile.root(reference.leaves.prefix(count)) == nil) }
    }
}

@Suite struct EntryBundleTests {
    private func bundle(_ entries: [[UInt8]]) throws -> [UInt8] {
        var bytes: [UInt8] = []
        for entry in entries { try EntryBundle.append(entry, to: &bytes) }
        return bytes
    }

    @Test func entriesComeBackInTheirOrder() throws {
        let entries: [[UInt8]] = [[1], [], [2, 3], [UInt8](repeating: 4, count: 300)]
        let bytes = try bundle(entries)
        #expect(bytes.prefix(3) == [0, 1, 1])
        #expect(try EntryBundle.ranges(in: bytes, width: 4).map { Array(bytes[$0]) } == entries)
    }

    @Test func lengthOfAnEntryIsLimited() throws {
        for count in [65_534, 65_535] {
            let bytes = try bundle([[UInt8](repeating: 7, count: count)])
            #expect(try EntryBundle.ranges(in: bytes, width: 1) == [2..<(count + 2)])
        }
        var bytes: [UInt8] = [9]
        #expect(throws: EntryBundleError.entryTooLong) {
            try EntryBundle.append([UInt8](repeating: 7, count: 65_536), to: &bytes)
        }
        #expect(bytes == [9])
    }

    @Test func widthIsLimited() throws {
        for count in [255, 256] {
            #expect(
                try EntryBundle.ranges(in: bundle(Array(repeating: [5], count: count)), width: count).count == count
            )
        }
        let bytes = try bundle(Array(repeating: [5], count: 257))
        #expect(throws: EntryBundleError.width) { try EntryBundle.ranges(in: bytes, width: 257) }
        #expect(throws: EntryBundleError.width) { try EntryBundle.ranges(in: [], width: 0) }
        #expect(throws: EntryBundleError.width) { try EntryBundle.ranges(in: [], width: -1) }
    }

    @Test func cutAndLeftoverBytesAreRefused() throws {
        let bytes = try bundle([[1, 2], [3]])
        for count in bytes.indices {
            #expect(throws: EntryBundleError.truncated) {
                try EntryBundle.ranges(in: Array(bytes.prefix(count)), width: 2)
            }
        }
        #expect(throws: EntryBundleError.leftover) { try EntryBundle.ranges(in: bytes + [0], width: 2) }
        #expect(throws: EntryBundleError.leftover) { try EntryBundle.ranges(in: bytes, width: 1) }
        #expect(throws: EntryBundleError.truncated) { try EntryBundle.ranges(in: bytes, width: 3) }
    }
}
