package import Cryptography

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
