// The gate's private keys on disk.

package import Bytes
package import Cryptography
import Glibc
package import Receipts
package import Runtime

/// Why a key is not used.
package enum KeyFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file cannot be read.
    case unreadable(String)
    /// Others could read or replace the key.
    case tooOpen(path: String, why: String)
    /// The file holds no key of this kind.
    case malformed(path: String, why: String)
    /// The key is another one than the configuration names.
    case otherName(path: String, found: String, expected: String)

    /// One line that says what is wrong.
    package var description: String {
        switch self {
        case .unreadable(let message): message
        case .tooOpen(let path, let why): "`\(path)` is a private key and \(why)"
        case .malformed(let path, let why): "`\(path)`: \(why)"
        case .otherName(let path, let found, let expected):
            "`\(path)` is the key of `\(found)`, not of the origin `\(expected)`"
        }
    }
}

/// Makes and reads private keys: each file belongs to the gate's own user, and nobody else can read it.
package enum KeyFiles {
    /// The permissions of a private key.
    package static let permissions: UInt32 = 0o600
    /// The most bytes of a file with a key.
    static let bytesMax = 4_096
    /// The number of random bytes of the key of claims.
    static let claimsKeyBytes = 32

    /// Reads the log's private key.
    package static func logKey(at path: String, origin: Text) throws(KeyFileError) -> NoteSignerKey {
        let bytes = try read(path)
        let key: NoteSignerKey
        do throws(KeyError) {
            let text = bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes
            key = try unsafe text.span.withUnsafeBytes { buffer throws(KeyError) in
                try unsafe NoteSignerKey(text: buffer)
            }
        } catch {
            throw .malformed(path: path, why: error.description)
        }
        let found = key.verifierKey.name.text
        guard found == origin else {
            throw .otherName(path: path, found: found.string, expected: origin.string)
        }
        return key
    }

    /// Reads the key that claims are coded with.
    package static func claimKeys(at path: String) throws(KeyFileError) -> ClaimKeys {
        let bytes = try read(path)
        let text = bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes[...]
        guard let key = Hex.decode(String(decoding: text, as: UTF8.self)), key.count == claimsKeyBytes else {
            throw .malformed(path: path, why: "the key must be \(2 * claimsKeyBytes) hexadecimal digits")
        }
        return ClaimKeys(HMACSHA256Key(key))
    }

    /// Says why others could read or replace a file, if they could; nil if they could not.
    package static func exposure(_ path: String) throws(SystemError) -> String? {
        let status = try Files.status(of: path, followingLinks: false)
        guard status.kind == .file else { return "is not a regular file" }
        guard status.uid == geteuid() else { return "belongs to user \(status.uid), not to the gate's own" }
        guard status.permissions & 0o077 == 0 else {
            return "its mode is \(octal(status.permissions)); it must be \(octal(permissions))"
        }
        let folder = try Files.status(of: Files.parent(of: path))
        guard folder.permissions & 0o022 == 0 else {
            return "others can write to its directory (mode \(octal(folder.permissions)))"
        }
        return nil
    }

    /// Makes a new key for a log and writes both halves.
    package static func makeLogKey(
        origin: NoteKeyName,
        privatePath: String,
        publicPath: String
    ) throws -> NoteVerifierKey {
        let key = NoteSignerKey(name: origin, algorithm: .ed25519, privateKey: try Ed25519PrivateKey.generate())
        let text = unsafe try key.text().withUnsafeBytes { unsafe Array($0) }
        try Files.create(privatePath, with: text + [UInt8(ascii: "\n")], permissions: permissions)
        try Files.create(publicPath, with: Array("\(key.verifierKey.text)\n".utf8), permissions: 0o644)
        return key.verifierKey
    }

    /// Makes a new key for claims.
    package static func makeClaimsKey(at path: String) throws {
        let text = Hex.encode(try RandomSource.bytes(claimsKeyBytes))
        try Files.create(path, with: Array("\(text)\n".utf8), permissions: permissions)
    }

    private static func read(_ path: String) throws(KeyFileError) -> [UInt8] {
        do {
            if let why = try exposure(path) { throw KeyFileError.tooOpen(path: path, why: why) }
            return try Files.read(path, bytesMax: bytesMax)
        } catch let error as KeyFileError {
            throw error
        } catch {
            throw .unreadable("\(error)")
        }
    }

    private static func octal(_ mode: UInt32) -> String {
        let digits = String(mode & 0o777, radix: 8)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }
}
