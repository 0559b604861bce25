// Writing JSON that we make ourselves.

/// Writes JSON piece by piece into one buffer, without white space.
///
/// The writer takes care of commas and escapes. Canonical order is the caller's duty: whoever writes hashed or signed
/// JSON MUST write members in ascending order of their names; tests re-read and re-encode such output.
public struct JSONWriter: ~Copyable, Sendable {
    private var buffer: ByteBuilder
    private var needsComma = false

    /// What has been written; copied at each call.
    public var bytes: [UInt8] { buffer.bytes }

    /// An empty writer with room for some bytes.
    public init(capacity: Int = 256) {
        buffer = ByteBuilder(capacity: capacity)
    }

    /// Opens an object.
    public mutating func beginObject() { open(UInt8(ascii: "{")) }

    /// Closes an object.
    public mutating func endObject() { close(UInt8(ascii: "}")) }

    /// Opens an array.
    public mutating func beginArray() { open(UInt8(ascii: "[")) }

    /// Closes an array.
    public mutating func endArray() { close(UInt8(ascii: "]")) }

    /// Writes the name of a member; its value must follow.
    public mutating func name(_ name: Text) {
        separate()
        buffer.append(string: name)
        buffer.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes the name of a member as UTF-8 bytes, which the caller vouches for; its value must follow.
    public mutating func name(utf8 name: ArraySlice<UInt8>) {
        separate()
        buffer.append(string: name)
        buffer.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes a string.
    public mutating func string(_ text: Text) {
        separate()
        buffer.append(string: text)
        needsComma = true
    }

    /// Writes a string of UTF-8 bytes; the caller vouches for their being UTF-8.
    public mutating func string(utf8 content: some Collection<UInt8>) {
        string(utf8: Array(content)[...])
    }

    /// Writes a string of UTF-8 bytes; the caller vouches for their being UTF-8.
    ///
    /// Generic code of another module is not specialised: this one is many times as fast for an array.
    public mutating func string(utf8 content: [UInt8]) {
        string(utf8: content[...])
    }

    /// Writes a string of UTF-8 bytes; the caller vouches for their being UTF-8.
    ///
    /// Generic code of another module is not specialised: this one is many times as fast for a slice.
    public mutating func string(utf8 content: ArraySlice<UInt8>) {
        separate()
        buffer.append(string: content)
        needsComma = true
    }

    /// Writes an integer.
    ///
    /// Generic code of another module is not specialised: this one is many times as fast.
    public mutating func integer(_ value: UInt64) {
        separate()
        buffer.append(decimal: value)
        needsComma = true
    }

    /// Writes an integer.
    public mutating func integer(_ value: some BinaryInteger) {
        separate()
        if let small = Int64(exactly: value) {
            if small < 0 { buffer.append(UInt8(ascii: "-")) }
            buffer.append(decimal: small.magnitude)
        } else {
            buffer.append(Text(String(value)))
        }
        needsComma = true
    }

    /// Writes a truth value.
    public mutating func boolean(_ value: Bool) {
        separate()
        buffer.append(value ? "true" : "false" as StaticString)
        needsComma = true
    }

    /// Writes `null`.
    public mutating func null() {
        separate()
        buffer.append("null" as StaticString)
        needsComma = true
    }

    /// Writes a value that is JSON already.
    public mutating func raw(_ json: some Collection<UInt8>) {
        raw(Array(json)[...])
    }

    /// Writes a value that is JSON already.
    ///
    /// Generic code of another module is not specialised: this one is many times as fast for a slice.
    public mutating func raw(_ json: ArraySlice<UInt8>) {
        separate()
        buffer.append(json)
        needsComma = true
    }

    /// Writes a member with a string.
    public mutating func member(_ name: Text, _ text: Text) {
        self.name(name)
        string(text)
    }

    /// Writes a member with an integer.
    public mutating func member(_ name: Text, _ value: UInt64) {
        self.name(name)
        integer(value)
    }

    /// Writes a member with an integer.
    public mutating func member(_ name: Text, _ value: some BinaryInteger) {
        self.name(name)
        integer(value)
    }

    /// Writes a member with a truth value.
    public mutating func member(_ name: Text, _ value: Bool) {
        self.name(name)
        boolean(value)
    }

    /// Writes a member with the hexadecimal form of a digest behind `sha256:`.
    public mutating func member(_ name: Text, sha256 digest: Digest) {
        self.name(name)
        buffer.append("\"sha256:" as StaticString)
        buffer.append(hex: digest)
        buffer.append(UInt8(ascii: "\""))
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { buffer.append(UInt8(ascii: ",")) }
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        buffer.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        buffer.append(bracket)
        needsComma = true
    }
}
