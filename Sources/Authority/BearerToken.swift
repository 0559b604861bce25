// Bearer tokens: 256 random bits, shown once, kept as a digest.

package import Bytes
private import Cryptography

/// The text form of bearer tokens.
package enum BearerToken {
    /// What every token begins with, so that scanners for leaked secrets find it.
    package static let prefix: Text = "writ_"
    /// The number of random bytes.
    package static let randomByteCount = 32
    /// The number of characters of a token: the prefix and 43 of unpadded URL-safe base64.
    package static let characterCount = 48

    /// Makes the token of exactly 32 random bytes.
    ///
    /// - Parameter random: MUST come from the operating system's generator.
    /// - Returns: nil for any other number of bytes.
    package static func text(random: [UInt8]) -> Text? {
        guard random.count == randomByteCount else { return nil }
        return Text(prefix.string + Base64URL.encode(random))
    }

    /// The SHA-256 of a token's characters, as credentials keep it; nil if the text is not of the form of a token.
    package static func digest(of token: Text) -> Digest? {
        guard token.byteCount == characterCount, token.utf8.starts(with: prefix.utf8) else { return nil }
        guard let random = Base64URL.decode(token.utf8.dropFirst(prefix.byteCount)), random.count == randomByteCount
        else { return nil }
        return SHA256.digest(of: token)
    }
}
