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
