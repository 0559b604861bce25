package import Bytes
private import Cryptography

/// The hashes of the tree (RFC 6962 §2.1): leaves and nodes are hashed under different prefixes, so that no node can
/// be passed off as a leaf.
package enum TreeHash {
    /// The largest tree size: Go's readers count in signed 64 bits, and so do ours.
    package static let treeSizeMax = UInt64(Int64.max)

    /// The number of levels a tree of the largest size has above its leaves.
    package static let levelMax = 63

    /// The root hash of the tree without leaves: the digest of nothing.
    package static let empty = SHA256.digest(of: [UInt8]())

    /// Returns the hash of a leaf.
    package static func leaf(_ entry: UnsafeRawBufferPointer) -> Digest {
        unsafe SHA256.digest(prefix: 0x00, of: entry)
    }

    /// Returns the hash of a leaf.
    package static func leaf(_ entry: [UInt8]) -> Digest {
        unsafe entry.withUnsafeBytes { unsafe leaf($0) }
    }

    /// Returns the hash of a leaf.
    package static func leaf(_ entry: ArraySlice<UInt8>) -> Digest {
        unsafe entry.withUnsafeBytes { unsafe leaf($0) }
    }

    /// Returns the hash of an inner node.
    package static func node(_ left: Digest, _ right: Digest) -> Digest {
        SHA256.digest(prefix: 0x01, of: left, right)
    }
}
