import Bytes
import Cryptography
import Transparency

/// The definitions of RFC 6962 §2.1, written down recursively and without any care for speed.
struct ReferenceTree {
    let leaves: [Digest]

    /// A tree of leaves that differ, by a seed.
    init(size: Int, seed: UInt8 = 0) {
        leaves = (0..<size).map { TreeHash.leaf([seed, UInt8($0 & 0xff), UInt8($0 >> 8 & 0xff), UInt8($0 >> 16)]) }
    }

    func root(_ size: Int) -> Digest { Self.root(leaves.prefix(size)) }

    func inclusionProof(_ index: Int, _ size: Int) -> [Digest] { Self.path(index, leaves.prefix(size)) }

    func consistencyProof(_ oldSize: Int, _ size: Int) -> [Digest] {
        Self.subproof(oldSize, leaves.prefix(size), isWhole: true)
    }

    /// The largest power of two smaller than the count.
    private static func split(_ count: Int) -> Int {
        var power = 1
        while power * 2 < count { power *= 2 }
        return power
    }

    private static func root(_ leaves: ArraySlice<Digest>) -> Digest {
        guard let first = leaves.first else { return SHA256.digest(of: [UInt8]()) }
        guard leaves.count > 1 else { return first }
        let left = split(leaves.count)
        let nodes = root(leaves.prefix(left)).bytes + root(leaves.dropFirst(left)).bytes
        return SHA256.digest(of: [1] + nodes)
    }

    private static func path(_ index: Int, _ leaves: ArraySlice<Digest>) -> [Digest] {
        guard leaves.count > 1 else { return [] }
        let left = split(leaves.count)
        return index < left
            ? path(index, leaves.prefix(left)) + [root(leaves.dropFirst(left))]
            : path(index - left, leaves.dropFirst(left)) + [root(leaves.prefix(left))]
    }

    private static func subproof(_ oldSize: Int, _ leaves: ArraySlice<Digest>, isWhole: Bool) -> [Digest] {
        if oldSize == leaves.count { return isWhole ? [] : [root(leaves)] }
        let left = split(leaves.count)
        return oldSize <= left
            ? subproof(oldSize, leaves.prefix(left), isWhole: isWhole) + [root(leaves.dropFirst(left))]
            : subproof(oldSize - left, leaves.dropFirst(left), isWhole: false) + [root(leaves.prefix(left))]
    }

    /// A tail that has all of the leaves.
    func tail() throws -> TreeTail {
        var tail = TreeTail()
        for leaf in leaves { try tail.append(leaf: leaf) }
        return tail
    }
}
