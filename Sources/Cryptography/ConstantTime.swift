package import Bytes
private import CSodium

/// Says whether two digests are equal, in a time that does not depend on where they differ.
package func constantTimeEquals(_ left: Digest, _ right: Digest) -> Bool {
    unsafe left.withUnsafeBytes { left in
        unsafe right.withUnsafeBytes { right in unsafe constantTimeEquals(left, right) }
    }
}

/// Says whether two byte strings are equal, in a time that depends on their lengths only.
package func constantTimeEquals(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    unsafe left.withUnsafeBytes { left in
        unsafe right.withUnsafeBytes { right in unsafe constantTimeEquals(left, right) }
    }
}

/// Says whether two byte strings are equal, in a time that depends on their lengths only.
package func constantTimeEquals(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
    guard left.count == right.count else { return false }
    guard let leftStart = left.baseAddress, let rightStart = right.baseAddress else { return unsafe left.isEmpty }
    return unsafe sodium_memcmp(leftStart, rightStart, left.count) == 0
}
