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
