// Writing JSON that we make ourselves.

/// Writes JSON piece by piece into one buffer, without white space.
///
/// The writer takes care of commas and escapes. Canonical order is the caller's duty: whoever writes hashed or signed
/// JSON MUST write members in ascending order of their names; tests re-read and re-encode such output.
public struct JSONWriter: Sendable {
    /// What has been written.
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// An empty writer with room for some bytes.
    public init(capacity: Int = 256) {
        bytes.reserveCapacity(capacity)
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
        CanonicalJSON.append(name, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes a string.
    public mutating func string(_ text: Text) {
        separate()
        CanonicalJSON.append(text, to: &bytes)
        needsComma = true
    }

    /// Writes a string of UTF-8 bytes; the caller vouches for their being UTF-8.
    public mutating func string(utf8 content: some Collection<UInt8>) {
        separate()
        CanonicalJSON.append(string: content, to: &bytes)
        needsComma = true
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
        CanonicalJSON.append(string: content, to: &bytes)
        needsComma = true
    }

    /// Writes an integer.
    public mutating func integer(_ value: some BinaryInteger) {
        separate()
        bytes.append(contentsOf: String(value).utf8)
        needsComma = true
    }

    /// Writes a truth value.
    public mutating func boolean(_ value: Bool) {
        separate()
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
        needsComma = true
    }

    /// Writes `null`.
    public mutating func null() {
        raw("null".utf8)
    }

    /// Writes a value that is JSON already.
    public mutating func raw(_ json: some Collection<UInt8>) {
        separate()
        bytes.append(contentsOf: json)
        needsComma = true
    }

    /// Writes a value that is JSON already.
    ///
    /// Generic code of another module is not specialised: this one is many times as fast for a slice.
    public mutating func raw(_ json: ArraySlice<UInt8>) {
        separate()
        bytes.append(contentsOf: json)
        needsComma = true
    }

    /// Writes a member with a string.
    public mutating func member(_ name: Text, _ text: Text) {
        self.name(name)
        string(text)
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
        bytes.append(contentsOf: "\"sha256:".utf8)
        Hex.append(digest, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }
}
