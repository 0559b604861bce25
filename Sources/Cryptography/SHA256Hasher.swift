package import Bytes
private import COpenSSL

/// A SHA-256 computation that is fed piece by piece and can be used again and again without allocating.
///
/// OpenSSL is used because it takes the processor's SHA instructions; the digest is fetched once per process and
/// the context is reused, which is where nearly all of the cost of a short message would be. Not for concurrent use.
@safe package struct SHA256Hasher: ~Copyable {
    private let context: OpaquePointer

    /// Makes a hasher that has absorbed nothing.
    ///
    /// It can only fail when the process has no memory or OpenSSL has no SHA-256, and then nothing can be vouched
    /// for any more: the process stops. Input never decides over that.
    package init() {
        guard let context = unsafe EVP_MD_CTX_new() else { preconditionFailure("no memory for a digest context") }
        unsafe self.context = context
        precondition(unsafe EVP_DigestInit_ex2(context, SHA256Algorithm.fetched, nil) == 1, "SHA-256 did not start")
    }

    deinit {
        unsafe EVP_MD_CTX_free(context)
    }

    /// Absorbs bytes.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        precondition(unsafe EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1, "SHA-256 did not absorb")
    }

    /// Absorbs bytes.
    package mutating func update(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe update($0) }
    }

    /// Absorbs bytes.
    package mutating func update(_ bytes: ArraySlice<UInt8>) {
        unsafe bytes.withUnsafeBytes { unsafe update($0) }
    }

    /// Absorbs bytes.
    package mutating func update(_ bytes: borrowing RawSpan) {
        unsafe bytes.withUnsafeBytes { unsafe update($0) }
    }

    /// Absorbs the 32 bytes of a digest.
    package mutating func update(_ digest: Digest) {
        unsafe digest.withUnsafeBytes { unsafe update($0) }
    }

    /// Absorbs one byte.
    package mutating func update(byte: UInt8) {
        unsafe withUnsafeBytes(of: byte) { unsafe update($0) }
    }

    /// Returns the digest of everything absorbed, and starts anew with nothing absorbed.
    package mutating func finalize() -> Digest {
        let digest = unsafe Digest.filled { output in
            unsafe EVP_DigestFinal_ex(context, output, nil) == 1
        }
        precondition(unsafe EVP_DigestInit_ex2(context, nil, nil) == 1, "SHA-256 did not start anew")
        return digest
    }
}

/// The algorithm, looked up once: a lookup costs more than hashing a short message.
enum SHA256Algorithm {
    /// The fetched digest, kept as long as the process lives.
    nonisolated(unsafe) static let fetched: OpaquePointer = {
        guard let digest = unsafe EVP_MD_fetch(nil, "SHA256", nil) else {
            preconditionFailure("the cryptographic library has no SHA-256")
        }
        return unsafe digest
    }()
}
