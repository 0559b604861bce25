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

/// A checkpoint that the log of the expected origin signed; only the check makes one.
package struct VerifiedCheckpoint: Hashable, Sendable {
    /// What the log said.
    package let checkpoint: Checkpoint
    /// The note in which it said it.
    package let note: VerifiedNote

    /// Checks that a note is a checkpoint of the log whose key this is.
    ///
    /// The log's name is the expected origin. Cosignatures of the given witnesses are checked, and none is required:
    /// the quorum is the caller's matter; ``VerifiedNote/signers`` says who signed.
    ///
    /// - Throws: ``CheckpointError``: the note's own error, ``CheckpointError/unsigned`` when the log did not sign,
    ///   ``CheckpointError/origin`` when it is the checkpoint of another log.
    package init(
        _ note: SignedNote,
        logKey: NoteVerifierKey,
        witnessKeys: [NoteVerifierKey] = []
    ) throws(CheckpointError) {
        guard logKey.algorithm == .ed25519 else { throw .key }
        do throws(NoteError) {
            self.note = try VerifiedNote(note, keys: [logKey] + witnessKeys)
        } catch {
            throw .note(error)
        }
        guard self.note.isSigned(by: logKey) else { throw .unsigned }
        checkpoint = try Checkpoint(text: note.text)
        guard checkpoint.origin == logKey.name else { throw .origin }
    }
}

/// Why a checkpoint was refused.
package enum CheckpointError: Error, Equatable, Sendable {
    /// The text has not three lines.
    case form
    /// The origin is malformed, or not the expected one.
    case origin
    /// The tree size is not a number in its one spelling, or larger than a tree can be.
    case size
    /// The root hash is not canonical base64 of 32 bytes, or not that of an empty tree where the tree is empty.
    case root
    /// There are extension lines.
    case extensionLines
    /// The key is not one of the log.
    case key
    /// The log of the expected origin did not sign.
    case unsigned
    /// The note itself was refused.
    case note(NoteError)
}

extension CheckpointError: CustomStringConvertible {
    /// One line for a person.
    package var description: String {
        switch self {
        case .form: "the checkpoint has not three lines"
        case .origin: "the checkpoint is not of the expected origin"
        case .size: "the tree size of the checkpoint is malformed"
        case .root: "the root hash of the checkpoint is malformed"
        case .extensionLines: "the checkpoint has extension lines"
        case .key: "the key is not one of a log with this origin"
        case .unsigned: "the log did not sign the checkpoint"
        case .note(let error): error.description
        }
    }
}
