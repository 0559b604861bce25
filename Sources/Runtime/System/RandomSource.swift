internal import Bytes
internal import CSystem

/// Random bytes of the kernel, fit for keys and nonces.
package enum RandomSource {
    /// Answers `count` random bytes.
    ///
    /// - Throws: When the kernel gives none. There is no fallback: without randomness nothing that needs it can happen.
    package static func bytes(_ count: Int) throws(SystemError) -> [UInt8] {
        var isFilled = false
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            isFilled = unsafe writ_random(buffer.baseAddress, count) == 0
            filled = isFilled ? count : 0
        }
        guard isFilled else {
            throw .last("draw random bytes")
        }
        return bytes
    }

    /// Answers random bytes as twice as many hexadecimal digits.
    package static func hexadecimal(bytes count: Int) throws(SystemError) -> String {
        Hex.encode(try bytes(count))
    }
}
