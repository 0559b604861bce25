private import Bytes

/// A text with signatures, none of which was checked (C2SP signed-note): lines, an empty line, signature lines.
///
/// Only canonical notes are read: ``encoded`` gives back the very bytes.
package struct SignedNote: Hashable, Sendable {
    /// The text with its final line feed: what is signed.
    package let text: [UInt8]
    /// The signatures, in their order: at least one.
    package let signatures: [NoteSignature]

    /// The longest note in bytes: room for 64 of the longest signatures that C2SP has.
    package static let byteCountMax = 256 * 1_024
    /// The most signatures of a note: a log, its successor's, and 32 witnesses fit.
    package static let signatureCountMax = 64

    private static let lineFeed = UInt8(ascii: "\n")

    /// Puts a note together.
    ///
    /// - Throws: ``NoteError`` when the text is not that of a note, there is no signature, or one too many.
    package init(text: [UInt8], signatures: [NoteSignature]) throws(NoteError) {
        guard text.last == Self.lineFeed, !signatures.isEmpty else { throw .form }
        guard signatures.count <= Self.signatureCountMax else { throw .tooManySignatures }
        guard Self.hasOnlyTextCharacters(text[...]) else { throw .characters }
        self.text = text
        self.signatures = signatures
        guard encoded.count <= Self.byteCountMax else { throw .tooLong }
    }

    /// Reads a note strictly.
    ///
    /// - Throws: What is wrong with it.
    package init(_ bytes: [UInt8]) throws(NoteError) {
        try self.init(bytes[...])
    }

    /// Reads a note strictly.
    ///
    /// - Throws: What is wrong with it.
    package init(_ bytes: ArraySlice<UInt8>) throws(NoteError) {
        guard bytes.count <= Self.byteCountMax else { throw .tooLong }
        guard Self.hasOnlyTextCharacters(bytes) else { throw .characters }
        guard bytes.last == Self.lineFeed, let separator = Self.lastEmptyLine(of: bytes) else { throw .form }
        var lines = LineReader(bytes[(separator + 1)...])
        var signatures: [NoteSignature] = []
        while let line = lines.next() {
            guard signatures.count < Self.signatureCountMax else { throw .tooManySignatures }
            signatures.append(try NoteSignature(line: line))
        }
        guard !signatures.isEmpty else { throw .form }
        text = Array(bytes[..<separator])
        self.signatures = signatures
    }

    /// The bytes of the note.
    package var encoded: [UInt8] {
        var output = text
        output.append(Self.lineFeed)
        for signature in signatures { signature.append(to: &output) }
        return output
    }

    /// Where the last empty line stands: the text may have empty lines of its own.
    private static func lastEmptyLine(of bytes: ArraySlice<UInt8>) -> Int? {
        var index = bytes.endIndex - 1
        while index > bytes.startIndex {
            if bytes[index] == lineFeed, bytes[index - 1] == lineFeed { return index }
            index -= 1
        }
        return nil
    }

    /// Whether the bytes are UTF-8 without control characters below space other than the line feed.
    private static func hasOnlyTextCharacters(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.allSatisfy { $0 >= 0x20 || $0 == lineFeed } && Text(utf8: bytes) != nil
    }
}
