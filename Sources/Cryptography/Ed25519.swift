private import Bytes
private import CSodium

/// An Ed25519 signature (RFC 8032): exactly 64 bytes, of any content.
package struct Ed25519Signature: Hashable, Sendable {
    /// How many bytes a signature has.
    package static let byteCount = 64

    /// The bytes.
    package let bytes: [UInt8]

    /// Takes 64 bytes; `nil` for any other number.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = Array(bytes)
    }

    /// Lets a C function write the bytes.
    fileprivate init(filledBy fill: (UnsafeMutablePointer<UInt8>) -> Void) {
        bytes = unsafe Array(unsafeUninitializedCapacity: Self.byteCount) { buffer, count in
            guard let start = buffer.baseAddress else { return }
            unsafe start.initialize(repeating: 0, count: Self.byteCount)
            unsafe fill(start)
            count = Self.byteCount
        }
    }
}

/// An Ed25519 public key that was accepted at enrolment.
///
/// Only canonical encodings of points of the prime-order group get in: a key of small or mixed order would let one
/// signature fit several messages, or let two verifiers disagree about it. Verification is libsodium's, which also
/// refuses small-order R and non-canonical S, and is cofactorless.
package struct Ed25519PublicKey: Hashable, Sendable {
    /// How many bytes a key has.
    package static let byteCount = 32

    /// The canonical encoding (RFC 8032 §5.1.2).
    package let bytes: [UInt8]

    /// Accepts a key, strictly.
    ///
    /// - Throws: ``KeyError/length`` unless there are 32 bytes, ``KeyError/weakOrMalformedPoint`` when they are no
    ///   canonical point of the prime-order group.
    package init(strict bytes: some Collection<UInt8>) throws(KeyError) {
        guard bytes.count == Self.byteCount else { throw .length }
        let bytes = Array(bytes)
        guard Sodium.isReady, unsafe crypto_core_ed25519_is_valid_point(bytes) == 1 else {
            throw .weakOrMalformedPoint
        }
        self.bytes = bytes
    }

    /// Says whether the signature is this key's signature of the message.
    package func isValid(_ signature: Ed25519Signature, for message: UnsafeRawBufferPointer) -> Bool {
        guard Sodium.isReady else { return false }
        let start = unsafe message.baseAddress?.assumingMemoryBound(to: UInt8.self)
        let count = UInt64(message.count)
        return unsafe crypto_sign_verify_detached(signature.bytes, start, count, bytes) == 0
    }

    /// Says whether the signature is this key's signature of the message.
    package func isValid(_ signature: Ed25519Signature, for message: [UInt8]) -> Bool {
        unsafe message.withUnsafeBytes { unsafe isValid(signature, for: $0) }
    }
}

/// An Ed25519 private key in protected memory; it cannot be printed, compared or copied out.
///
/// Safe to use from several threads at once.
package final class Ed25519PrivateKey: Sendable {
    /// How many bytes a seed has.
    package static let seedByteCount = 32

    /// The public key that belongs to it.
    package let publicKey: Ed25519PublicKey

    /// Seed and public key, as libsodium keeps them.
    private let secret: SecretBytes

    /// Derives the key of a seed (RFC 8032 §5.1.5).
    ///
    /// The caller's copy of the seed is not wiped.
    ///
    /// - Throws: ``KeyError/length`` unless the seed has 32 bytes, ``KeyError/memoryUnavailable``.
    package convenience init(seed: [UInt8]) throws(KeyError) {
        guard seed.count == Self.seedByteCount else { throw .length }
        try self.init(
            seed: unsafe SecretBytes(count: Self.seedByteCount) { memory throws(KeyError) in
                unsafe memory.update(from: seed, count: Self.seedByteCount)
            }
        )
    }

    /// Derives the key of a seed (RFC 8032 §5.1.5).
    ///
    /// - Throws: ``KeyError/length`` unless the seed has 32 bytes, ``KeyError/memoryUnavailable``.
    package init(seed: SecretBytes) throws(KeyError) {
        guard seed.count == Self.seedByteCount else { throw .length }
        guard Sodium.isReady else { throw .memoryUnavailable }
        var publicBytes = [UInt8](repeating: 0, count: Ed25519PublicKey.byteCount)
        secret = try unsafe SecretBytes(count: 2 * Self.seedByteCount) { memory throws(KeyError) in
            let status = unsafe seed.withUnsafePointer { seed in
                unsafe crypto_sign_seed_keypair(&publicBytes, memory, seed)
            }
            guard status == 0 else { throw .memoryUnavailable }
        }
        publicKey = try Ed25519PublicKey(strict: publicBytes)
    }

    /// Makes a new key of the system's randomness: for the commands that create keys, never on the way of a decision.
    package static func generate() throws(KeyError) -> Ed25519PrivateKey {
        try Ed25519PrivateKey(
            seed: unsafe SecretBytes(count: seedByteCount) { memory throws(KeyError) in
                unsafe randombytes_buf(memory, seedByteCount)
            }
        )
    }

    /// Signs the message.
    ///
    /// The same key and message always give the same signature.
    package func sign(_ message: UnsafeRawBufferPointer) -> Ed25519Signature {
        let start = unsafe message.baseAddress?.assumingMemoryBound(to: UInt8.self)
        return unsafe Ed25519Signature { output in
            unsafe secret.withUnsafePointer { key in
                // Signing has no way to fail: a status other than 0 would be a broken library.
                let status = unsafe crypto_sign_detached(output, nil, start, UInt64(message.count), key)
                precondition(status == 0, "no signature was made")
            }
        }
    }

    /// Signs the message.
    ///
    /// The same key and message always give the same signature.
    package func sign(_ message: [UInt8]) -> Ed25519Signature {
        unsafe message.withUnsafeBytes { unsafe sign($0) }
    }

    /// Lends the seed, for writing a key file.
    func withUnsafeSeed<Result>(_ body: (UnsafeRawBufferPointer) throws(KeyError) -> Result) throws(KeyError) -> Result
    {
        try unsafe secret.withUnsafeBytes { secret throws(KeyError) in
            try unsafe body(UnsafeRawBufferPointer(rebasing: secret.prefix(Self.seedByteCount)))
        }
    }
}
