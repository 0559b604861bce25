import Bytes
import Cryptography
import Testing
import Transparency

/// Tiles in memory, any byte of which can be changed.
private final class Store {
    var tiles: [TilePath: [UInt8]] = [:]
    var fetchCount = 0

    init(_ reference: ReferenceTree) throws {
        let tail = try reference.tail()
        TileLayout.forEachNewTile(from: 0, to: UInt64(reference.leaves.count)) { path in
            guard case .hashes(let level) = path.kind else { return }
            tiles[path] = tail.tile(level: level, index: path.index, width: path.width)
        }
    }

    func reader(_ reference: ReferenceTree) throws(TreeError) -> TileHashReader {
        let size = UInt64(reference.leaves.count)
        let root = Tile.root(reference.leaves) ?? reference.root(reference.leaves.count)
        return try TileHashReader(size: size, root: root) { level, index, width in
            self.fetchCount += 1
            return TilePath(kind: .hashes(level: level), index: index, width: width).flatMap { self.tiles[$0] }
        }
    }
}

@Suite struct TileHashReaderTests {
    @Test(arguments: [0, 1, 2, 255, 256, 257, 700, 66_000]) func proofsFromTilesAreThoseOfTheTail(size: Int) throws {
        let reference = ReferenceTree(size: size)
        let store = try Store(reference)
        let tail = try reference.tail()
        let reader = try store.reader(reference)
        for index in Set([0, 1, 254, 255, 256, 600, 65_535, 65_536, size - 1]) where index >= 0 && index < size {
            #expect(
                try reader.inclusionProof(of: UInt64(index))
                    == tail.inclusionProof(of: UInt64(index), size: UInt64(size))
            )
        }
        let edge = try tail.edge(size: UInt64(size))
        for oldSize in Set([1, 2, 3, 255, 256, 257, 600, 65_536, 65_537, size]) where oldSize > 0 && oldSize <= size {
            #expect(
                try reader.consistencyProof(from: UInt64(oldSize))
                    == edge.consistencyProof(from: UInt64(oldSize), reading: tail)
            )
        }
        #expect(throws: TreeError.index(UInt64(size), size: UInt64(size))) {
            try reader.inclusionProof(of: UInt64(size))
        }
        #expect(throws: TreeError.size(0)) { try reader.consistencyProof(from: 0) }
        #expect(throws: TreeError.size(UInt64(size) + 1)) { try reader.consistencyProof(from: UInt64(size) + 1) }
    }

    /// Whatever is changed in a tile, a proof is either right or not given.
    @Test func changedTileIsNeverBelieved() throws {
        let reference = ReferenceTree(size: 700)
        let proofs = (0..<700).map { reference.inclusionProof($0, 700) }
        let store = try Store(reference)
        #expect(store.tiles.count == 4)
        for (path, bytes) in store.tiles {
            for position in stride(from: 0, to: bytes.count, by: 61) {
                var changed = bytes
                changed[position] ^= 0x10
                store.tiles[path] = changed
                guard let reader = try? store.reader(reference) else { continue }
                var refused = 0
                for index in stride(from: 0, to: 700, by: 50) {
                    guard let proof = try? reader.inclusionProof(of: UInt64(index)) else {
                        refused += 1
                        continue
                    }
                    #expect(proof == proofs[index])
                }
                #expect(refused > 0)
            }
            store.tiles[path] = bytes
        }
    }

    @Test func missingCutAndForeignTilesAreRefused() throws {
        let reference = ReferenceTree(size: 700)
        let store = try Store(reference)
        let full = try #require(TilePath(kind: .hashes(level: 0), index: 0, width: 256))
        let other = try #require(TilePath(kind: .hashes(level: 0), index: 1, width: 256))
        let bytes = try #require(store.tiles[full])
        store.tiles[full] = nil
        #expect(throws: TreeError.missing(level: 0, index: 0)) { try store.reader(reference).inclusionProof(of: 3) }
        store.tiles[full] = Array(bytes.dropLast(32))
        #expect(throws: TreeError.tileLength(level: 0, index: 0)) { try store.reader(reference).inclusionProof(of: 3) }
        store.tiles[full] = bytes + [0]
        #expect(throws: TreeError.tileLength(level: 0, index: 0)) { try store.reader(reference).inclusionProof(of: 3) }
        store.tiles[full] = store.tiles[other]
        #expect(throws: TreeError.tileMismatch(level: 0, index: 0)) {
            try store.reader(reference).inclusionProof(of: 3)
        }
        store.tiles[full] = bytes
        #expect(try store.reader(reference).inclusionProof(of: 3) == reference.inclusionProof(3, 700))
    }

    @Test func edgeThatDoesNotGiveTheRootIsRefused() throws {
        let reference = ReferenceTree(size: 700)
        let store = try Store(reference)
        let edge = try #require(TilePath(kind: .hashes(level: 0), index: 2, width: 188))
        store.tiles[edge]?[0] ^= 1
        #expect(throws: TreeError.tileMismatch(level: 1, index: 0)) { try store.reader(reference) }
        store.tiles[edge] = nil
        #expect(throws: TreeError.missing(level: 0, index: 512)) { try store.reader(reference) }
        #expect(throws: TreeError.tileMismatch(level: 0, index: 0)) {
            try TileHashReader(size: 0, root: .zero) { _, _, _ in nil }
        }
        #expect(throws: TreeError.size(1 << 63)) { try TileHashReader(size: 1 << 63, root: .zero) { _, _, _ in nil } }
    }

    @Test func tileThatHasGrownSinceIsTakenUpToTheWidth() throws {
        let whole = ReferenceTree(size: 300)
        let tail = try whole.tail()
        let reader = try TileHashReader(size: 290, root: whole.root(290)) { level, index, width in
            tail.tile(level: level, index: index, width: level == 0 && index == 1 ? 44 : width)
        }
        #expect(try reader.inclusionProof(of: 289) == whole.inclusionProof(289, 290))
    }

    /// At the limit nothing is fetched twice; below it the same proofs cost more fetches.
    @Test(arguments: [(1, 6), (2, 4), (3, 4)]) func numberOfKeptTilesIsLimited(limit: Int, fetches: Int) throws {
        let reference = ReferenceTree(size: 700)
        let store = try Store(reference)
        let reader = try TileHashReader(size: 700, root: reference.root(700), tileCountMax: limit) {
            store.fetchCount += 1
            return TilePath(kind: .hashes(level: $0), index: $1, width: $2).flatMap { store.tiles[$0] }
        }
        for index in [0, 256, 1, 257] {
            #expect(try reader.inclusionProof(of: UInt64(index)) == reference.inclusionProof(index, 700))
        }
        #expect(store.fetchCount == fetches)
    }

    @Test func nodeThatIsNotCompleteIsMissing() throws {
        let reference = ReferenceTree(size: 700)
        let reader = try Store(reference).reader(reference)
        #expect(try reader.hash(level: 2, index: 174) == Tile.root(reference.leaves[696..<700]))
        for (level, index) in [(0, 700), (2, 175), (9, 1), (10, 0), (63, 1), (64, 0), (-1, 0), (0, UInt64.max)] {
            #expect(throws: TreeError.missing(level: level, index: index)) {
                try reader.hash(level: level, index: index)
            }
        }
    }

    /// A tail can be resumed from tiles that were checked.
    @Test func tailResumesFromTiles() throws {
        let reference = ReferenceTree(size: 700)
        var tail = try TreeTail(resumingAt: 512, reading: Store(reference).reader(reference))
        for leaf in reference.leaves[512...] { try tail.append(leaf: leaf) }
        #expect(try tail.root(size: 700) == reference.root(700))
    }

    @Test func ownLogOfTwoHundredAndFiftySevenEntriesVerifies() throws {
        let logKey = try NoteVerifierKey(text: Fixture.bytes("own-tlog/log.vkey"))
        let witnessKey = try NoteVerifierKey(text: Fixture.bytes("own-tlog/wit.vkey"))
        let note = try SignedNote(Fixture.bytes("own-tlog/log257/checkpoint"))
        let verified = try VerifiedCheckpoint(note, logKey: logKey, witnessKeys: [witnessKey])
        #expect(verified.note.signers.map(\.key) == [logKey, witnessKey])
        let checkpoint = verified.checkpoint
        let reader = try TileHashReader(size: checkpoint.size, root: checkpoint.root) { level, index, width in
            guard let path = TilePath(kind: .hashes(level: level), index: index, width: width) else { return nil }
            return try? Fixture.bytes("own-tlog/log257/\(path.path)")
        }
        let first = try Fixture.bytes("own-tlog/log257/tile/entries/000")
        let second = try Fixture.bytes("own-tlog/log257/tile/entries/001.p/1")
        let entries =
            try EntryBundle.ranges(in: first, width: 256).map { first[$0] }
            + EntryBundle.ranges(in: second, width: 1).map { second[$0] }
        for (index, entry) in entries.enumerated() {
            let leaf = TreeHash.leaf(entry)
            #expect(try reader.hash(level: 0, index: UInt64(index)) == leaf)
            try TreeProof.verifyInclusion(
                of: leaf,
                at: UInt64(index),
                in: checkpoint.root,
                size: checkpoint.size,
                proof: reader.inclusionProof(of: UInt64(index))
            )
        }
        #expect(entries.count == 257)
    }
}
