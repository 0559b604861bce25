package import Bytes
private import COpenSSL

/// A key for HMAC-SHA-256 (RFC 2104, FIPS 198-1), with the key already absorbed.
///
/// The states after the inner and the outer key block are computed once and copied for each message, which halves
/// the cost for short ones. The states are wiped when the key goes away. Safe to use from several threads at once:
/// after `init` the states are only read.
@safe package final class HMACSHA256Key: Sendable {
    private nonisolated(unsafe) let inner: OpaquePointer
    private nonisolated(unsafe) let outer: OpaquePointer

    /// The block size of SHA-256 in bytes: longer keys are hashed first, shorter ones padded (RFC 2104 §2).
    private static let blockByteCount = 64

    /// Absorbs a key of any length.
    ///
    /// How long the key has to be is the caller's duty: 32 random bytes are right. The caller's copy is not wiped.
    package convenience init(_ key: [UInt8]) {
        unsafe self.init(key.span.bytes)
    }

    /// Absorbs a key of any length.
    ///
    /// How long the key has to be is the caller's duty: 32 random bytes are right. The caller's copy is not wiped.
    package init(_ key: borrowing RawSpan) {
        var block = [UInt8](repeating: 0, count: Self.blockByteCount)
        defer { unsafe block.withUnsafeMutableBytes { unsafe OPENSSL_cleanse($0.baseAddress, $0.count) } }
        if key.byteCount > Self.blockByteCount {
            block.replaceSubrange(0..<Digest.byteCount, with: SHA256.digest(of: key).bytes)
        } else {
            unsafe key.withUnsafeBytes { key in unsafe block.withUnsafeMutableBytes { unsafe $0.copyMemory(from: key) }
            }
        }
        unsafe inner = Self.state(absorbing: block, mixing: 0x36)
        unsafe outer = Self.state(absorbing: block, mixing: 0x5c)
    }

    deinit {
        // OpenSSL wipes the state before it frees it.
        unsafe EVP_MD_CTX_free(inner)
        unsafe EVP_MD_CTX_free(outer)
    }

    /// Returns the authentication code of the message.
    package func code(for message: UnsafeRawBufferPointer) -> Digest {
        let context = unsafe ThreadDigestContext.current
        var inside = unsafe Digest.filled { output in
            unsafe EVP_MD_CTX_copy_ex(context, inner) == 1
                && EVP_DigestUpdate(context, message.baseAddress, message.count) == 1
                && EVP_DigestFinal_ex(context, output, nil) == 1
        }
        defer { unsafe withUnsafeMutableBytes(of: &inside) { unsafe OPENSSL_cleanse($0.baseAddress, $0.count) } }
        return unsafe Digest.filled { output in
            unsafe inside.withUnsafeBytes { inside in
                unsafe EVP_MD_CTX_copy_ex(context, outer) == 1
                    && EVP_DigestUpdate(context, inside.baseAddress, inside.count) == 1
                    && EVP_DigestFinal_ex(context, output, nil) == 1
            }
        }
    }

    /// Returns the authentication code of the message.
    package func code(for message: [UInt8]) -> Digest {
        unsafe message.withUnsafeBytes { unsafe code(for: $0) }
    }

    /// Says whether the code is that of the message, in a time that does not depend on the code.
    package func isValid(_ code: Digest, for message: [UInt8]) -> Bool {
        constantTimeEquals(code, self.code(for: message))
    }

    private static func state(absorbing block: [UInt8], mixing pad: UInt8) -> OpaquePointer {
        var padded = block
        for index in padded.indices { padded[index] ^= pad }
        defer { unsafe padded.withUnsafeMutableBytes { unsafe OPENSSL_cleanse($0.baseAddress, $0.count) } }
        guard let state = unsafe EVP_MD_CTX_new(), unsafe EVP_DigestInit_ex2(state, SHA256Algorithm.fetched, nil) == 1,
            unsafe EVP_DigestUpdate(state, padded, padded.count) == 1
        else { preconditionFailure("no memory for an authentication key") }
        return unsafe state
    }
}
