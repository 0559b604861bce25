package import Cryptography

/// A cosignature of a checkpoint (C2SP tlog-cosignature, `cosignature/v1`): a time and an Ed25519 signature.
package struct Cosignature: Hashable, Sendable {
    /// The time in seconds since 1970.
    package let time: UInt64
    /// The signature of ``message(time:text:)``.
    package let signature: Ed25519Signature

    private static let timeByteCount = 8

    /// Puts a cosignature together.
    package init(time: UInt64, signature: Ed25519Signature) {
        self.time = time
        self.signature = signature
    }

    /// Reads eight bytes of time, most significant first, and 64 of signature; `nil` for anything else.
    package init?(bytes: [UInt8]) {
        guard let signature = Ed25519Signature(bytes: bytes.dropFirst(Self.timeByteCount)) else { return nil }
        time = bytes.prefix(Self.timeByteCount).reduce(0) { $0 << 8 | UInt64($1) }
        self.signature = signature
    }

    /// The bytes of the note's signature.
    package var bytes: [UInt8] {
        (0..<Self.timeByteCount).map { UInt8(truncatingIfNeeded: time >> UInt64(56 - 8 * $0)) } + signature.bytes
    }

    /// The bytes that are signed for a note's text at a time.
    package static func message(time: UInt64, text: [UInt8]) -> [UInt8] {
        Array("cosignature/v1\ntime \(time)\n".utf8) + text
    }
}
