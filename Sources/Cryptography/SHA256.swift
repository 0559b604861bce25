package import Bytes
private import COpenSSL
private import Glibc

/// SHA-256 (FIPS 180-4) of a whole message at once.
package enum SHA256 {
    /// Returns the digest of the bytes.
    package static func digest(of bytes: UnsafeRawBufferPointer) -> Digest {
        let context = unsafe ThreadDigestContext.current
        return unsafe Digest.filled { output in
            unsafe EVP_DigestInit_ex2(context, SHA256Algorithm.fetched, nil) == 1
                && EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1
                && EVP_DigestFinal_ex(context, output, nil) == 1
        }
    }

    /// Returns the digest of the bytes.
    package static func digest(of bytes: [UInt8]) -> Digest {
        unsafe bytes.withUnsafeBytes { unsafe digest(of: $0) }
    }

    /// Returns the digest of the bytes.
    package static func digest(of bytes: ArraySlice<UInt8>) -> Digest {
        unsafe bytes.withUnsafeBytes { unsafe digest(of: $0) }
    }

    /// Returns the digest of the bytes.
    package static func digest(of bytes: borrowing RawSpan) -> Digest {
        unsafe bytes.withUnsafeBytes { unsafe digest(of: $0) }
    }

    /// Returns the digest of the bytes.
    package static func digest(of bytes: borrowing Span<UInt8>) -> Digest {
        unsafe digest(of: bytes.bytes)
    }

    /// Returns the digest of one byte and then the bytes: domain separation as RFC 6962 §2.1 has it for leaves.
    package static func digest(prefix: UInt8, of bytes: UnsafeRawBufferPointer) -> Digest {
        let context = unsafe ThreadDigestContext.current
        return unsafe Digest.filled { output in
            unsafe withUnsafeBytes(of: prefix) { prefix in
                unsafe EVP_DigestInit_ex2(context, SHA256Algorithm.fetched, nil) == 1
                    && EVP_DigestUpdate(context, prefix.baseAddress, prefix.count) == 1
                    && EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1
                    && EVP_DigestFinal_ex(context, output, nil) == 1
            }
        }
    }

    /// Returns the digest of one byte and then two digests: domain separation as RFC 6962 §2.1 has it for nodes.
    package static func digest(prefix: UInt8, of left: Digest, _ right: Digest) -> Digest {
        // One buffer and one call: each call into the library costs as much as hashing half a block.
        unsafe withUnsafeTemporaryAllocation(byteCount: 1 + 2 * Digest.byteCount, alignment: 1) { buffer in
            unsafe buffer[0] = prefix
            unsafe left.withUnsafeBytes { left in
                unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[1...]).copyMemory(from: left)
            }
            unsafe right.withUnsafeBytes { right in
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[(1 + Digest.byteCount)...])
                unsafe rest.copyMemory(from: right)
            }
            return unsafe digest(of: UnsafeRawBufferPointer(buffer))
        }
    }

    /// Returns the digest of the text's UTF-8 bytes.
    package static func digest(of text: Text) -> Digest {
        var string = text.string
        return string.withUTF8 { unsafe digest(of: UnsafeRawBufferPointer($0)) }
    }
}

/// One digest context per thread, so that one-shot hashing and authentication allocate nothing and share nothing.
///
/// A caller MUST NOT hold the context across a call into anything else that takes it.
enum ThreadDigestContext {
    /// The calling thread's context, made at the first use and freed when the thread ends.
    static var current: OpaquePointer {
        if let key, let existing = unsafe pthread_getspecific(key) { return OpaquePointer(existing) }
        return unsafe make()
    }

    private static func make() -> OpaquePointer {
        guard let context = unsafe EVP_MD_CTX_new(), let key,
            unsafe pthread_setspecific(key, UnsafeRawPointer(context)) == 0
        else { preconditionFailure("no memory for a digest context") }
        return unsafe context
    }

    private static let key: pthread_key_t? = {
        var key = pthread_key_t()
        let status = unsafe pthread_key_create(&key) { value in
            if let value = unsafe value { unsafe EVP_MD_CTX_free(OpaquePointer(value)) }
        }
        return status == 0 ? key : nil
    }()
}

extension Digest {
    /// Makes a digest that a C function fills in; `fill` says whether it did, and the process stops when it did not.
    static func filled(by fill: (UnsafeMutablePointer<UInt8>) -> Bool) -> Digest {
        var isFilled = false
        let digest = unsafe Digest(unsafeFilling: { isFilled = unsafe fill($0) })
        precondition(isFilled, "a digest was not computed")
        return digest
    }
}
