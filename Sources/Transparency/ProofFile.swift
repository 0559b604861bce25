package import Bytes
package import Cryptography

/// A self-contained proof that a log has an entry (C2SP tlog-proof, also called spicy signature): index, inclusion
/// proof, signed checkpoint, and bytes that the application adds.
///
/// Only the one spelling that ``append(extra:index:hashes:checkpoint:to:)`` writes is read.
package struct ProofFile: Hashable, Sendable {
    /// What the application added; the proof itself does not vouch for it.
    ///
    /// Receipts put the entry here.
    package let extra: [UInt8]?
    /// The index of the entry.
    package let index: UInt64
    /// The inclusion proof, the leaf's sibling first.
    package let hashes: [Digest]
    /// The checkpoint, not checked yet.
    package let checkpoint: SignedNote

    /// The most bytes that the application may add: an entry fits.
    package static let extraByteCountMax = EntryBundle.entryByteCountMax
    /// The longest inclusion proof.
    package static let hashCountMax = 63
    /// The longest file in bytes.
    package static let byteCountMax =
        header.count + extraPrefix.count + (extraByteCountMax + 2) / 3 * 4 + indexPrefix.count + 19
        + hashCountMax * 45 + 3 + SignedNote.byteCountMax

    static let header = Array("c2sp.org/tlog-proof@v1\n".utf8)
    static let extraPrefix = Array("extra ".utf8)
    static let indexPrefix = Array("index ".utf8)

    /// Reads a file strictly.
    ///
    /// - Throws: What is wrong with it.
    package init(_ bytes: [UInt8]) throws(ProofFileError) {
        guard bytes.count <= Self.byteCountMax else { throw .tooLong }
        guard bytes.starts(with: Self.header) else { throw .header }
        var lines = LineReader(bytes[Self.header.count...])
        guard var line = lines.next() else { throw .index }
        if line.starts(with: Self.extraPrefix) {
            guard let value = Base64.decode(line.dropFirst(Self.extraPrefix.count)), !value.isEmpty,
                value.count <= Self.extraByteCountMax
            else { throw .extra }
            extra = value
            guard let next = lines.next() else { throw .index }
            line = next
        } else {
            extra = nil
        }
        guard line.starts(with: Self.indexPrefix), let index = Decimal.decode(line.dropFirst(Self.indexPrefix.count))
        else { throw .index }
        self.index = index
        hashes = try Self.hashes(&lines)
        do throws(NoteError) {
            checkpoint = try SignedNote(lines.remainder)
        } catch {
            throw .checkpoint(.note(error))
        }
    }

    /// Reads hashes up to the empty line, and the empty line.
    private static func hashes(_ lines: inout LineReader) throws(ProofFileError) -> [Digest] {
        var hashes: [Digest] = []
        while let line = lines.next() {
            if line.isEmpty { return hashes }
            guard hashes.count < hashCountMax, let bytes = Base64.decode(line), let hash = Digest(bytes: bytes) else {
                throw .hashes
            }
            hashes.append(hash)
        }
        throw .hashes
    }

    /// The bytes of the file: the very bytes that were read.
    package var encoded: [UInt8] {
        var output = ByteBuilder(capacity: 0)
        Self.append(extra: extra ?? [], index: index, hashes: hashes, checkpoint: checkpoint.encoded, to: &output)
        return output.bytes
    }

    /// Checks that the log with this key has the entry at this index, in the tree of the checkpoint.
    ///
    /// - Parameters:
    ///   - leaf: The leaf hash of the entry, ``TreeHash/leaf(_:)-([UInt8])``, which the caller computes of the entry
    ///     that it goes on to use.
    ///   - logKey: The key of the log whose name is the expected origin.
    ///   - witnessKeys: Keys whose cosignatures are checked; that there are enough is the caller's matter.
    /// - Returns: The checkpoint.
    /// - Throws: ``ProofFileError/checkpoint(_:)``, ``ProofFileError/proof(_:)``.
    package func verify(
        leaf: Digest,
        logKey: NoteVerifierKey,
        witnessKeys: [NoteVerifierKey] = []
    ) throws(ProofFileError) -> VerifiedCheckpoint {
        let verified: VerifiedCheckpoint
        do throws(CheckpointError) {
            verified = try VerifiedCheckpoint(checkpoint, logKey: logKey, witnessKeys: witnessKeys)
        } catch {
            throw .checkpoint(error)
        }
        do throws(ProofError) {
            try TreeProof.verifyInclusion(
                of: leaf,
                at: index,
                in: verified.checkpoint.root,
                size: verified.checkpoint.size,
                proof: hashes
            )
        } catch {
            throw .proof(error)
        }
        return verified
    }

    /// Appends the text of a file to a buffer: no strings in between, one growth of the buffer.
    ///
    /// The parts are written as they are: that they belong together, and keep the limits that reading has, is the
    /// caller's duty. It is meant for the log itself, which has just made them.
    ///
    /// - Parameters:
    ///   - extra: What the application adds, up to ``extraByteCountMax`` bytes; no line is written when it is empty.
    ///   - index: The index of the entry, up to ``TreeHash/treeSizeMax``.
    ///   - hashes: The inclusion proof, up to ``hashCountMax`` hashes.
    ///   - checkpoint: The whole signed note, verbatim.
    ///   - output: Where to append.
    package static func append(
        extra: [UInt8],
        index: UInt64,
        hashes: [Digest],
        checkpoint: [UInt8],
        to output: inout ByteBuilder
    ) {
        let lineFeed = UInt8(ascii: "\n")
        output.reserve(extra.count / 3 * 4 + 64 * hashes.count + checkpoint.count + 128)
        output.append(header)
        if !extra.isEmpty {
            output.append(extraPrefix)
            unsafe extra.withUnsafeBytes { unsafe Base64.append($0, to: &output) }
            output.append(lineFeed)
        }
        output.append(indexPrefix)
        output.append(decimal: index)
        output.append(lineFeed)
        for hash in hashes {
            unsafe hash.withUnsafeBytes { unsafe Base64.append($0, to: &output) }
            output.append(lineFeed)
        }
        output.append(lineFeed)
        output.append(checkpoint)
    }
}
