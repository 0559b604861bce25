package import Bytes
package import Cryptography

/// What a log says about itself at one moment (C2SP tlog-checkpoint): origin, tree size, root hash.
///
/// Checkpoints with extension lines are refused: monitors cannot audit them, and ours have none.
package struct Checkpoint: Hashable, Sendable {
    /// Which log it is: a line of its own, also the name of the log's key.
    package let origin: NoteKeyName
    /// How many leaves the tree has: at most ``TreeHash/treeSizeMax``.
    package let size: UInt64
    /// The root hash of the tree.
    package let root: Digest

    /// The longest text in bytes.
    package static let textByteCountMax = NoteKeyName.byteCountMax + 1 + 19 + 1 + 44 + 1

    /// Puts a checkpoint together.
    ///
    /// - Throws: ``CheckpointError/size`` above ``TreeHash/treeSizeMax``, ``CheckpointError/root`` when the tree is
    ///   said to be empty and the root hash is not that of the empty tree.
    package init(origin: NoteKeyName, size: UInt64, root: Digest) throws(CheckpointError) {
        guard size <= TreeHash.treeSizeMax else { throw .size }
        guard size > 0 || root == TreeHash.empty else { throw .root }
        self.origin = origin
        self.size = size
        self.root = root
    }

    /// Reads the text of a checkpoint with its final line feed.
    ///
    /// Only the one spelling that ``text`` gives is accepted.
    ///
    /// - Throws: What is wrong with it.
    package init(text: [UInt8]) throws(CheckpointError) {
        guard text.count <= Self.textByteCountMax else { throw .form }
        var lines = LineReader(text[...])
        guard let originLine = lines.next(), let sizeLine = lines.next(), let rootLine = lines.next() else {
            throw .form
        }
        guard lines.isAtEnd else { throw .extensionLines }
        guard let size = Decimal.decode(sizeLine) else { throw .size }
        guard let bytes = Base64.decode(rootLine), let root = Digest(bytes: bytes) else { throw .root }
        let origin: NoteKeyName
        do throws(KeyError) {
            origin = try NoteKeyName(utf8: originLine)
        } catch {
            throw .origin
        }
        try self.init(origin: origin, size: size, root: root)
    }

    /// The text with its final line feed.
    package var text: [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(Self.textByteCountMax)
        output += origin.text.utf8
        output.append(UInt8(ascii: "\n"))
        Decimal.append(size, to: &output)
        output.append(UInt8(ascii: "\n"))
        Base64.append(root.bytes.span, to: &output)
        output.append(UInt8(ascii: "\n"))
        return output
    }

    /// Returns the signed note of this checkpoint: what a log publishes.
    ///
    /// A log MUST NOT sign two checkpoints that are not consistent; to see to it is the caller's duty.
    ///
    /// - Throws: ``CheckpointError/key`` when the key's name is not the origin or the key is not one of a log.
    package func signed(by key: NoteSignerKey) throws(CheckpointError) -> SignedNote {
        guard key.verifierKey.name == origin, let signature = key.signature(ofText: text) else { throw .key }
        do throws(NoteError) {
            return try SignedNote(text: text, signatures: [signature])
        } catch {
            throw .note(error)
        }
    }
}
