private import Bytes
package import Cryptography

/// One signature line of a note: who claims to have signed, and with what bytes.
package struct NoteSignature: Hashable, Sendable {
    /// The name of the key.
    package let name: NoteKeyName
    /// The ID of the key.
    package let keyID: NoteKeyID
    /// The signature, in the form of the key's algorithm: at least one byte.
    package let bytes: [UInt8]

    /// Puts a signature together; `nil` without a single byte.
    package init?(name: NoteKeyName, keyID: NoteKeyID, bytes: [UInt8]) {
        guard !bytes.isEmpty else { return nil }
        self.name = name
        self.keyID = keyID
        self.bytes = bytes
    }

    /// What a signature line begins with: an em dash and a space.
    static let linePrefix = Array("\u{2014} ".utf8)

    /// Reads a line without its line feed.
    init(line: ArraySlice<UInt8>) throws(NoteError) {
        guard line.starts(with: Self.linePrefix) else { throw .signatureLine }
        let parts = line.dropFirst(Self.linePrefix.count)
            .split(separator: UInt8(ascii: " "), maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let decoded = Base64.decode(parts[1]), decoded.count > NoteKeyID.byteCount
        else { throw .signatureLine }
        do throws(KeyError) {
            name = try NoteKeyName(utf8: parts[0])
        } catch {
            throw .signatureLine
        }
        keyID = NoteKeyID(decoded.prefix(NoteKeyID.byteCount).reduce(0) { $0 << 8 | UInt32($1) })
        bytes = Array(decoded.dropFirst(NoteKeyID.byteCount))
    }

    /// Appends the line with its line feed.
    package func append(to output: inout [UInt8]) {
        output += Self.linePrefix
        output += name.text.utf8
        output.append(UInt8(ascii: " "))
        Base64.append((keyID.bytes + bytes).span, to: &output)
        output.append(UInt8(ascii: "\n"))
    }
}

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
        guard Self.hasOnlyTextCharacters(text) else { throw .characters }
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
    private static func hasOnlyTextCharacters(_ bytes: some Collection<UInt8>) -> Bool {
        bytes.allSatisfy { $0 >= 0x20 || $0 == lineFeed } && Text(utf8: bytes) != nil
    }
}
