import Bytes
import Testing
import Transparency

@Suite struct TreeTailTests {
    @Test func rootsAndProofsOfSmallTreesAreThoseOfTheDefinition() throws {
        let reference = ReferenceTree(size: 66)
        let tail = try reference.tail()
        for size in 0...66 {
            #expect(try tail.root(size: UInt64(size)) == reference.root(size))
            for index in 0..<size {
                let proof = try tail.inclusionProof(of: UInt64(index), size: UInt64(size))
                #expect(proof == reference.inclusionProof(index, size))
                try TreeProof.verifyInclusion(
                    of: reference.leaves[index],
                    at: UInt64(index),
                    in: reference.root(size),
                    size: UInt64(size),
                    proof: proof
                )
            }
            guard size > 0 else { continue }
            let edge = try tail.edge(size: UInt64(size))
            for oldSize in 1...size {
                let proof = try edge.consistencyProof(from: UInt64(oldSize), reading: tail)
                #expect(proof == reference.consistencyProof(oldSize, size))
                try TreeProof.verifyConsistency(
                    from: reference.root(oldSize),
                    size: UInt64(oldSize),
                    to: reference.root(size),
                    size: UInt64(size),
                    proof: proof
                )
            }
        }
    }

    @Test func treeResumedFromItsSubtreeRootsGoesOnAsTheWholeOne() throws {
        let reference = ReferenceTree(size: 90)
        let whole = try reference.tail()
        for start in 0...66 {
            var before = TreeTail()
            for leaf in reference.leaves.prefix(start) { try before.append(leaf: leaf) }
            var tail = TreeTail(resuming: before.range)
            #expect(tail.size == UInt64(start) && tail.range == before.range)
            #expect(try tail.root(size: tail.size) == reference.root(start))
            for leaf in reference.leaves.dropFirst(start) { try tail.append(leaf: leaf) }
            #expect(tail.range == whole.range)
            for size in start...90 {
                #expect(try tail.root(size: UInt64(size)) == reference.root(size))
                for index in start..<size {
                    let proof = try tail.inclusionProof(of: UInt64(index), size: UInt64(size))
                    #expect(proof == reference.inclusionProof(index, size))
                }
            }
            // What lies before the start is not known.
            if start > 0 {
                #expect(throws: TreeError.self) { try tail.inclusionProof(of: UInt64(start - 1), size: 90) }
            }
        }
    }

    @Test(arguments: [255, 256, 257, 511, 512, 513, 600]) func proofsOfLargerTreesAreThoseOfTheDefinition(
        size: Int
    ) throws {
        let reference = ReferenceTree(size: size, seed: 5)
        let tail = try reference.tail()
        #expect(try tail.root(size: UInt64(size)) == reference.root(size))
        for index in stride(from: 0, to: size, by: 7) {
            #expect(
                try tail.inclusionProof(of: UInt64(index), size: UInt64(size)) == reference.inclusionProof(index, size)
            )
        }
        let edge = try tail.edge(size: UInt64(size))
        for oldSize in stride(from: 1, through: size, by: 5) {
            #expect(
                try edge.consistencyProof(from: UInt64(oldSize), reading: tail)
                    == reference.consistencyProof(oldSize, size)
            )
        }
    }

    @Test func leafOutsideOfTheTreeIsRefused() throws {
        let tail = try ReferenceTree(size: 5).tail()
        #expect(try tail.inclusionProof(of: 4, size: 5).count == 1)
        #expect(throws: TreeError.index(5, size: 5)) { try tail.inclusionProof(of: 5, size: 5) }
        #expect(throws: TreeError.index(.max, size: 5)) { try tail.inclusionProof(of: .max, size: 5) }
        #expect(throws: TreeError.index(0, size: 0)) { try tail.inclusionProof(of: 0, size: 0) }
        #expect(throws: TreeError.size(6)) { try tail.inclusionProof(of: 0, size: 6) }
        #expect(throws: TreeError.size(.max)) { try tail.root(size: .max) }
    }

    @Test func olderSizeOfAConsistencyProofIsFromOneToTheSize() throws {
        let tail = try ReferenceTree(size: 5).tail()
        let edge = try tail.edge(size: 5)
        #expect(try edge.consistencyProof(from: 5, reading: tail).isEmpty)
        #expect(throws: TreeError.size(0)) { try edge.consistencyProof(from: 0, reading: tail) }
        #expect(throws: TreeError.size(6)) { try edge.consistencyProof(from: 6, reading: tail) }
    }

    /// After any trim, everything from the cut on is as before it.
    @Test func trimmingKeepsEverythingFromTheCutOn() throws {
        let reference = ReferenceTree(size: 2_100, seed: 1)
        var tail = TreeTail()
        for (index, leaf) in reference.leaves.enumerated() {
            try tail.append(leaf: leaf)
            if index % 97 == 96 { tail.trim(before: UInt64(max(0, index - 300))) }
        }
        let cut = Int(tail.cut)
        #expect(cut == 1_536)
        for size in [cut, cut + 1, cut + 2, 1_791, 1_792, 1_793, 2_047, 2_048, 2_049, 2_100] {
            let edge = try tail.edge(size: UInt64(size))
            #expect(edge.root == reference.root(size))
            for index in stride(from: cut, to: size, by: 31) {
                var proof: [Digest] = []
                try tail.appendInclusionProof(of: UInt64(index), in: edge, to: &proof)
                #expect(proof == reference.inclusionProof(index, size))
            }
        }
        #expect(throws: TreeError.size(UInt64(cut - 1))) { try tail.root(size: UInt64(cut - 1)) }
        #expect(throws: TreeError.missing(level: 0, index: UInt64(cut - 1))) {
            try tail.inclusionProof(of: UInt64(cut - 1), size: 2_100)
        }
    }

    @Test func trimmingIsAlignedAndNeverGoesBack() throws {
        var tail = try ReferenceTree(size: 700).tail()
        tail.trim(before: 255)
        #expect(tail.cut == 0)
        tail.trim(before: 256)
        #expect(tail.cut == 256)
        tail.trim(before: 511)
        #expect(tail.cut == 256)
        tail.trim(before: .max)
        #expect(tail.cut == 512)
        tail.trim(before: 256)
        #expect(tail.cut == 512)
        #expect(try tail.root(size: 700) == ReferenceTree(size: 700).root(700))
    }

    /// The tile of level 1 that is not full yet can be written long after its leaves were forgotten.
    @Test func trimmedTailStillHasTheTilesThatAreNotFull() throws {
        let reference = ReferenceTree(size: 3_000)
        var tail = try reference.tail()
        let before = tail.tile(level: 1, index: 0, width: 11)
        tail.trim(before: 2_999)
        #expect(before != nil)
        #expect(tail.tile(level: 1, index: 0, width: 11) == before)
        #expect(tail.tile(level: 0, index: 11, width: 184)?.count == 184 * 32)
        #expect(tail.tile(level: 0, index: 11, width: 185) == nil)
        #expect(tail.tile(level: 0, index: 10, width: 256) == nil)
        #expect(tail.tile(level: 1, index: 0, width: 12) == nil)
        #expect(tail.tile(level: 8, index: 0, width: 1) == nil)
        #expect(tail.tile(level: 0, index: .max, width: 1) == nil)
        #expect(tail.tile(level: 0, index: 11, width: 0) == nil)
        #expect(tail.tile(level: 0, index: 11, width: 257) == nil)
    }

    /// A tail that is resumed at an older size and fed the rest is as good as one that saw every leaf.
    @Test(arguments: [0, 256, 512, 768, 1_024, 2_816, 65_536, 65_792])
    func resumedTailGoesOnAsIfNothingHadHappened(cut: Int) throws {
        let size = cut + 300
        let reference = ReferenceTree(size: size)
        let whole = try reference.tail()
        var tail = try TreeTail(resumingAt: UInt64(cut), reading: whole)
        #expect(try tail.root(size: UInt64(cut)) == whole.root(size: UInt64(cut)))
        for leaf in reference.leaves[cut...] { try tail.append(leaf: leaf) }
        #expect(try tail.root(size: UInt64(size)) == whole.root(size: UInt64(size)))
        for index in stride(from: cut, to: size, by: 13) {
            #expect(
                try tail.inclusionProof(of: UInt64(index), size: UInt64(size))
                    == whole.inclusionProof(of: UInt64(index), size: UInt64(size))
            )
        }
        for level in 0...2 {
            let count = size >> (8 * level)
            guard count & 255 > 0 else { continue }
            let index = UInt64(count >> 8)
            #expect(tail.tile(level: level, index: index, width: count & 255) != nil)
            #expect(
                tail.tile(level: level, index: index, width: count & 255)
                    == whole.tile(level: level, index: index, width: count & 255)
            )
        }
    }

    @Test func tailIsResumedOnlyAtATileBoundaryAndWithAllHashes() throws {
        let tail = try ReferenceTree(size: 600).tail()
        #expect(throws: TreeError.alignment(255)) { try TreeTail(resumingAt: 255, reading: tail) }
        #expect(throws: TreeError.missing(level: 8, index: 2)) { try TreeTail(resumingAt: 768, reading: tail) }
        #expect(throws: TreeError.size(1 << 63)) { try TreeTail(resumingAt: 1 << 63, reading: tail) }
    }

    @Test func compactRangeHasTheRootOfEverySize() throws {
        let reference = ReferenceTree(size: 300)
        var range = CompactRange()
        for size in 0..<300 {
            #expect(range.root == reference.root(size))
            #expect(range.hashes.count == size.nonzeroBitCount)
            #expect(CompactRange(size: range.size, hashes: range.hashes) == range)
            try range.append(leaf: reference.leaves[size])
        }
        #expect(CompactRange(size: 3, hashes: [TreeHash.empty]) == nil)
        #expect(CompactRange(size: 1 << 63, hashes: [TreeHash.empty]) == nil)
    }

    @Test func treeOfTheLargestSizeCannotGrow() throws {
        let hashes = [Digest](repeating: TreeHash.empty, count: 63)
        var range = try #require(CompactRange(size: TreeHash.treeSizeMax, hashes: hashes))
        #expect(throws: TreeError.size(TreeHash.treeSizeMax)) { try range.append(leaf: TreeHash.empty) }
        #expect(range.size == TreeHash.treeSizeMax)
    }
}
