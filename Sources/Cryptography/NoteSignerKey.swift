private import Bytes
private import CSodium

/// A private key of a signed note with its name: `PRIVATE+KEY+<name>+<key ID in hex>+<base64 of algorithm byte and
/// seed>`, the form that Go's `golang.org/x/mod/sumdb/note` reads and writes.
package final class NoteSignerKey: Sendable {
    /// The public half with its name.
    package let verifierKey: NoteVerifierKey

    private let privateKey: Ed25519PrivateKey

    /// The longest text of a key in bytes.
    package static let textByteCountMax = prefix.count + NoteVerifierKey.textByteCountMax

    private static let prefix = Array("PRIVATE+KEY+".utf8)
    private static let idCharacterCount = 8
    /// 33 bytes in base64, without padding because 33 is a multiple of 3.
    private static let keyCharacterCount = 44

    /// Puts a key together.
    package init(name: NoteKeyName, algorithm: NoteKeyAlgorithm, privateKey: Ed25519PrivateKey) {
        verifierKey = NoteVerifierKey(name: name, algorithm: algorithm, publicKey: privateKey.publicKey)
        self.privateKey = privateKey
    }

    /// Reads the text of a key, without a line feed at its end.
    ///
    /// The seed goes from the given memory into protected memory and nowhere else; wiping the given memory is the
    /// caller's duty.
    ///
    /// - Throws: What is wrong with it.
    package convenience init(text: UnsafeRawBufferPointer) throws(KeyError) {
        guard text.count <= Self.textByteCountMax, unsafe text.starts(with: Self.prefix) else { throw .form }
        let body = unsafe UnsafeRawBufferPointer(rebasing: text.dropFirst(Self.prefix.count))
        guard let nameEnd = unsafe body.firstIndex(of: UInt8(ascii: "+")) else { throw .form }
        let keyStart = nameEnd + 1 + Self.idCharacterCount + 1
        guard body.count == keyStart + Self.keyCharacterCount, unsafe body[keyStart - 1] == UInt8(ascii: "+") else {
            throw .form
        }
        let name = try unsafe NoteKeyName(utf8: Array(body[..<nameEnd])[...])
        let key = try unsafe Self.decode(UnsafeRawBufferPointer(rebasing: body[keyStart...]))
        guard let algorithm = unsafe key.withUnsafePointer({ unsafe NoteKeyAlgorithm(rawValue: $0[0]) }) else {
            throw .algorithm
        }
        let seed = try unsafe key.withUnsafeBytes { key throws(KeyError) in
            try unsafe SecretBytes(copying: UnsafeRawBufferPointer(rebasing: key.dropFirst()))
        }
        self.init(name: name, algorithm: algorithm, privateKey: try Ed25519PrivateKey(seed: seed))
        guard unsafe body[(nameEnd + 1)..<(keyStart - 1)].elementsEqual(verifierKey.id.hex.utf8) else { throw .keyID }
    }

    /// Signs bytes as they are: what the bytes mean, the text of a note or a cosigned message, is the caller's matter.
    package func sign(_ message: [UInt8]) -> Ed25519Signature {
        privateKey.sign(message)
    }

    /// Returns the text of the key, without a line feed, in protected memory: for writing a key file that only its
    /// owner can read.
    ///
    /// - Throws: ``KeyError/memoryUnavailable``.
    package func text() throws(KeyError) -> SecretBytes {
        let head = Self.prefix + Array("\(verifierKey.name)+\(verifierKey.id.hex)+".utf8)
        let algorithm = verifierKey.algorithm.rawValue
        let key = try unsafe privateKey.withUnsafeSeed { seed throws(KeyError) in
            try unsafe SecretBytes(count: 1 + seed.count) { memory throws(KeyError) in
                unsafe memory[0] = algorithm
                unsafe UnsafeMutableRawBufferPointer(start: memory + 1, count: seed.count).copyMemory(from: seed)
            }
        }
        // libsodium writes a zero byte behind the base64, so that it goes through a secret of its own.
        let base64 = try unsafe SecretBytes(count: Self.keyCharacterCount + 1) { memory throws(KeyError) in
            unsafe Self.encode(key, into: memory)
        }
        return try unsafe SecretBytes(count: head.count + Self.keyCharacterCount) { memory throws(KeyError) in
            unsafe memory.update(from: head, count: head.count)
            unsafe base64.withUnsafePointer {
                unsafe (memory + head.count).update(from: $0, count: Self.keyCharacterCount)
            }
        }
    }

    /// Writes ``keyCharacterCount`` characters and a zero byte.
    private static func encode(_ key: SecretBytes, into memory: UnsafeMutablePointer<UInt8>) {
        let variant = sodium_base64_VARIANT_ORIGINAL
        let capacity = keyCharacterCount + 1
        unsafe memory.withMemoryRebound(to: CChar.self, capacity: capacity) { memory in
            unsafe key.withUnsafePointer { bytes in
                unsafe _ = sodium_bin2base64(memory, capacity, bytes, key.count, variant)
            }
        }
    }

    /// Decodes 44 characters into 33 protected bytes, in constant time; 33 bytes have only one spelling.
    private static func decode(_ text: UnsafeRawBufferPointer) throws(KeyError) -> SecretBytes {
        let byteCount = 1 + Ed25519PrivateKey.seedByteCount
        let variant = sodium_base64_VARIANT_ORIGINAL
        guard let characters = unsafe text.assumingMemoryBound(to: CChar.self).baseAddress else { throw .base64 }
        return try unsafe SecretBytes(count: byteCount) { memory throws(KeyError) in
            var count = 0
            let status = unsafe sodium_base642bin(
                memory,
                byteCount,
                characters,
                text.count,
                nil,
                &count,
                nil,
                variant
            )
            guard status == 0, count == byteCount else { throw .base64 }
        }
    }
}
