// A statement with the proof that the log has it (docs/formats/receipt.md).

package import Bytes
package import Cryptography
package import Transparency

/// A receipt as it was read: a statement, its place, and a signed checkpoint; nothing of it is checked yet.
///
/// A C2SP tlog-proof with the statement in its `extra` line. Only one spelling is read: ``encoded`` gives back the very
/// bytes.
package struct Receipt: Hashable, Sendable {
    /// The proof with all its parts.
    package let proof: ProofFile
    /// The bytes of the statement.
    package let statement: [UInt8]

    /// The longest receipt in bytes.
    package static let bytesMax = 256 << 10
    /// The most hashes of the inclusion path.
    package static let hashesMax = 63
    /// The most signatures of the checkpoint.
    package static let signaturesMax = 16

    /// Reads a receipt, strictly.
    ///
    /// - Throws: ``ReceiptError/form(_:)`` and the limits.
    package init(parsing bytes: [UInt8]) throws(ReceiptError) {
        guard bytes.count <= Self.bytesMax else { throw .tooLong }
        do throws(ProofFileError) {
            proof = try ProofFile(bytes)
        } catch {
            throw .form(error)
        }
        guard let extra = proof.extra else { throw .noStatement }
        guard proof.hashes.count <= Self.hashesMax else { throw .form(.hashes) }
        guard proof.checkpoint.signatures.count <= Self.signaturesMax else { throw .tooManySignatures }
        guard proof.encoded == bytes else { throw .notCanonical }
        statement = extra
    }

    /// The index of the statement.
    package var index: UInt64 { proof.index }

    /// The leaf hash of the statement.
    package var leaf: Digest { TreeHash.leaf(statement) }

    /// The bytes of the receipt: the very bytes that were read.
    package var encoded: [UInt8] { proof.encoded }

    /// The text of a receipt; that the parts belong together is the caller's duty.
    package static func encode(
        statement: [UInt8],
        index: UInt64,
        hashes: [Digest],
        checkpoint: [UInt8]
    ) -> [UInt8] {
        var output = ByteBuilder(capacity: 0)
        ProofFile.append(extra: statement, index: index, hashes: hashes, checkpoint: checkpoint, to: &output)
        return output.bytes
    }

    /// Checks that the log of this key has the statement at this index: *authentic*.
    ///
    /// The note carries a valid signature of the log's key over the checkpoint, the checkpoint's origin is the key's
    /// name and the statement's `origin`, the index is below the size, the path has exactly its length, and hashing the
    /// statement up the path gives the root.
    ///
    /// - Throws: ``ReceiptError`` with the first reason against it.
    package func verified(by key: NoteVerifierKey) throws(ReceiptError) -> VerifiedReceipt {
        let checkpoint: VerifiedCheckpoint
        do throws(ProofFileError) {
            checkpoint = try proof.verify(leaf: leaf, logKey: key)
        } catch {
            throw .proof(error)
        }
        let statement: Statement
        do throws(StatementError) {
            statement = try Statement(parsing: self.statement)
        } catch {
            throw .statement(error)
        }
        guard statement.header.origin == key.name.text else { throw .origin }
        return VerifiedReceipt(receipt: self, statement: statement, checkpoint: checkpoint)
    }
}

/// A receipt that is authentic; only the check makes one.
package struct VerifiedReceipt: Hashable, Sendable {
    /// The receipt.
    package let receipt: Receipt
    /// What its statement says.
    package let statement: Statement
    /// The checkpoint that the log signed.
    package let checkpoint: VerifiedCheckpoint

    fileprivate init(receipt: Receipt, statement: Statement, checkpoint: VerifiedCheckpoint) {
        self.receipt = receipt
        self.statement = statement
        self.checkpoint = checkpoint
    }
}

/// Why a receipt was refused.
package enum ReceiptError: Error, Equatable, Sendable {
    /// There are more bytes than ``Receipt/bytesMax``.
    case tooLong
    /// The bytes have not the form of a proof.
    case form(ProofFileError)
    /// There is no `extra` line with a statement.
    case noStatement
    /// The checkpoint has more signatures than ``Receipt/signaturesMax``.
    case tooManySignatures
    /// Writing what was read gives other bytes.
    case notCanonical
    /// The checkpoint or the inclusion proof does not hold.
    case proof(ProofFileError)
    /// The statement is none that this release knows.
    case statement(StatementError)
    /// The statement says that it belongs to another log.
    case origin
}

extension ReceiptError: CustomStringConvertible {
    /// One line for a person.
    package var description: String {
        switch self {
        case .tooLong: "the receipt is longer than \(Receipt.bytesMax) bytes"
        case .form(let error), .proof(let error): error.description
        case .noStatement: "the receipt has no statement"
        case .tooManySignatures: "the checkpoint has more than \(Receipt.signaturesMax) signatures"
        case .notCanonical: "the receipt is not in its one spelling"
        case .statement(let error): error.description
        case .origin: "the statement belongs to another log"
        }
    }
}
