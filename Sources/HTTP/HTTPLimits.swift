/// The named bounds of an HTTP message; what lies beyond one is refused, never cut.
///
/// They are constants, not options, because an enforcement point and its decision point must agree on them.
/// The one bound that differs between servers, the size of a body, is a parameter of the parser.
package enum HTTPLimits {
    /// The longest first line of a message in bytes, its line end included.
    package static let firstLineBytesMax = 8_192

    /// The longest block of header fields in bytes, from the end of the first line to the end of the empty line.
    package static let fieldBlockBytesMax = 16_384

    /// The most bytes that a message head can have.
    package static let headBytesMax = firstLineBytesMax + fieldBlockBytesMax

    /// The most header fields of one message.
    package static let fieldCountMax = 64

    /// The most hexadecimal digits of a chunk size; 8 digits are more than any body limit that a server may set.
    package static let chunkSizeDigitsMax = 8

    /// The most decimal digits of a content length that are read as a number; longer ones are too large unread.
    package static let contentLengthDigitsMax = 18

    /// The longest host of a `Host` field in bytes, its port included (DNS names have at most 253).
    package static let hostBytesMax = 262

    /// The most segments that a decoded path may have.
    package static let pathSegmentsMax = 64
}
