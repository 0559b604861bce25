import Bytes
import Cryptography
import Foundation
import Testing
import Transparency

@Suite struct TreeProofTests {
    /// A hash of the vectors.
    ///
    /// Some have words in place of a hash, where only its equality matters; their digest stands for them, because our
    /// types hold nothing but 32 bytes. `nil` for no bytes at all, which no type of ours can be made of.
    private func hash(_ value: Any?) throws -> Digest? {
        guard let text = value as? String, let bytes = Base64.decode(text) else {
            throw Fixture.Problem(words: "not base64")
        }
        return bytes.isEmpty ? nil : Digest(bytes: bytes) ?? SHA256.digest(of: bytes)
    }

    private func hashes(_ value: Any?) throws -> [Digest]? {
        if value is NSNull { return [] }
        guard let array = value as? [Any] else { throw Fixture.Problem(words: "not an array") }
        let hashes = try array.map { try hash($0) }
        return hashes.contains(nil) ? nil : hashes.compactMap(\.self)
    }

    @Test func inclusionVectorsOfTransparencyDevHold() throws {
        let vectors = try Fixture.objects(
            "transparency-dev-merkle/transparency-dev-merkle-inclusion.json",
            keys: ["leafIdx", "treeSize", "root", "leafHash", "proof", "desc", "wantErr", "file"]
        )
        #expect(vectors.count == 98)
        var accepted = 0
        for vector in vectors {
            let index = try Fixture.unsigned(vector["leafIdx"])
            let size = try Fixture.unsigned(vector["treeSize"])
            var isAccepted = false
            if let root = try hash(vector["root"]), let leaf = try hash(vector["leafHash"]),
                let proof = try hashes(vector["proof"])
            {
                isAccepted =
                    (try? TreeProof.verifyInclusion(of: leaf, at: index, in: root, size: size, proof: proof)) != nil
            }
            #expect(isAccepted == !(try #require(vector["wantErr"] as? Bool)), "\(vector["file"] ?? "")")
            accepted += isAccepted ? 1 : 0
        }
        #expect(accepted == 6)
    }

    @Test func consistencyVectorsOfTransparencyDevHold() throws {
        let vectors = try Fixture.objects(
            "transparency-dev-merkle/transparency-dev-merkle-consistency.json",
            keys: ["size1", "size2", "root1", "root2", "proof", "desc", "wantErr", "file"]
        )
        #expect(vectors.count == 98)
        var accepted = 0
        for vector in vectors {
            let (oldSize, newSize) = (try Fixture.unsigned(vector["size1"]), try Fixture.unsigned(vector["size2"]))
            var isAccepted = false
            if let old = try hash(vector["root1"]), let new = try hash(vector["root2"]),
                let proof = try hashes(vector["proof"])
            {
                isAccepted =
                    (try? TreeProof.verifyConsistency(from: old, size: oldSize, to: new, size: newSize, proof: proof))
                    != nil
            }
            #expect(isAccepted == !(try #require(vector["wantErr"] as? Bool)), "\(vector["file"] ?? "")")
            accepted += isAccepted ? 1 : 0
        }
        #expect(accepted == 6)
    }

    @Test func emptyProofIsAcceptedOnlyInTheTreeOfOneLeaf() throws {
        let reference = ReferenceTree(size: 9)
        try TreeProof.verifyInclusion(of: reference.leaves[0], at: 0, in: reference.leaves[0], size: 1, proof: [])
        for size in 2...9 {
            // The root hash itself passed off as a leaf.
            let root = reference.root(size)
            for index in 0..<UInt64(size) {
                #expect(throws: ProofError.length) {
                    try TreeProof.verifyInclusion(of: root, at: index, in: root, size: UInt64(size), proof: [])
                }
            }
        }
        #expect(throws: ProofError.index) {
            try TreeProof.verifyInclusion(of: TreeHash.empty, at: 0, in: TreeHash.empty, size: 0, proof: [])
        }
    }

    @Test func proofIsBoundToIndexSizeLeafAndEachHash() throws {
        let reference = ReferenceTree(size: 13)
        let root = reference.root(13)
        for index in 0..<13 {
            let proof = reference.inclusionProof(index, 13)
            let leaf = reference.leaves[index]
            for other in 0..<UInt64(16) where other != UInt64(index) {
                #expect(throws: ProofError.self) {
                    try TreeProof.verifyInclusion(of: leaf, at: other, in: root, size: 13, proof: proof)
                }
            }
            for position in proof.indices {
                var changed = proof
                changed[position] = leaf
                #expect(throws: ProofError.root) {
                    try TreeProof.verifyInclusion(of: leaf, at: UInt64(index), in: root, size: 13, proof: changed)
                }
            }
            for wrong in [proof + [leaf], Array(proof.dropLast()), Array(proof.dropFirst())] {
                #expect(throws: ProofError.length) {
                    try TreeProof.verifyInclusion(of: leaf, at: UInt64(index), in: root, size: 13, proof: wrong)
                }
            }
        }
    }

    @Test func consistencyProofIsBoundToBothRootsAndItsLength() throws {
        let reference = ReferenceTree(size: 40)
        for oldSize in 1..<40 {
            let proof = reference.consistencyProof(oldSize, 40)
            let (old, new) = (reference.root(oldSize), reference.root(40))
            let sizes = (UInt64(oldSize), UInt64(40))
            for (first, second) in [(new, new), (old, old), (new, old)] {
                #expect(throws: ProofError.root) {
                    try TreeProof.verifyConsistency(
                        from: first,
                        size: sizes.0,
                        to: second,
                        size: sizes.1,
                        proof: proof
                    )
                }
            }
            for wrong in [proof + [old], Array(proof.dropLast()), []] {
                #expect(throws: ProofError.length) {
                    try TreeProof.verifyConsistency(from: old, size: sizes.0, to: new, size: sizes.1, proof: wrong)
                }
            }
        }
    }

    @Test func numbersAtTheEndOfTheirRangeDoNotTrap() {
        let digest = TreeHash.empty
        for count in [0, 1, 63, 64, 65] {
            let proof = [Digest](repeating: digest, count: count)
            for index in [0, 1, UInt64.max - 1, UInt64.max] {
                #expect(throws: ProofError.self) {
                    try TreeProof.verifyInclusion(of: digest, at: index, in: digest, size: .max, proof: proof)
                }
                #expect(throws: ProofError.self) {
                    try TreeProof.verifyConsistency(
                        from: digest,
                        size: index == .max ? 1 << 63 : index,
                        to: digest,
                        size: .max,
                        proof: proof
                    )
                }
            }
        }
    }
}
