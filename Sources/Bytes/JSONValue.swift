// A JSON text as it was read: a flat tape of nodes over one buffer, and light views into it.

private import Glibc

/// One value on the tape: trivial, so that a document is two buffers however many values it has.
struct JSONNode {
    /// The kind of the value.
    let kind: JSONValue.Kind
    /// Where its text begins in the document's bytes: a string's content, a number's token.
    let offset: UInt32
    /// The length of that text in bytes; for an array or object, the number of elements or members.
    var length: UInt32
    /// The position on the tape behind this value and all that it contains.
    var end: UInt32
}

/// The buffers that all views into one document share.
final class JSONStorage: Sendable {
    /// The source, followed by the contents of those strings that contain escapes.
    let bytes: [UInt8]
    /// The values in the order of the text; a member's name is a string before its value.
    let nodes: [JSONNode]

    init(bytes: [UInt8], nodes: [JSONNode]) {
        self.bytes = bytes
        self.nodes = nodes
    }
}

/// A value of a JSON text that passed the strict reader.
///
/// I-JSON (RFC 7493): well-formed UTF-8, no duplicate members, no lone surrogates. Numbers keep their token and are
/// never rounded. A view: copying one costs one reference count.
public struct JSONValue: Sendable {
    /// The kinds of values; a number with a fraction or an exponent is kept apart from an integer.
    public enum Kind: UInt8, Sendable {
        /// `null`
        case null
        /// `true`
        case `true`
        /// `false`
        case `false`
        /// A number without fraction and exponent.
        case integer
        /// A number with a fraction or an exponent.
        case fraction
        /// A string.
        case string
        /// An array.
        case array
        /// An object.
        case object
    }

    let storage: JSONStorage
    let index: Int

    private var node: JSONNode { storage.nodes[index] }

    /// Reads one JSON text, strictly.
    ///
    /// - Throws: ``JSONError`` with the first reason and its byte position; nothing is guessed or repaired.
    public init(parsing text: [UInt8], limits: JSONLimits = .request) throws(JSONError) {
        var parser = JSONParser(text: text, limits: limits)
        storage = try parser.parse()
        index = 0
    }

    /// The kind of the value.
    public var kind: Kind { node.kind }

    /// The truth value; nil for other kinds.
    public var boolean: Bool? {
        switch kind {
        case .true: true
        case .false: false
        case .null, .integer, .fraction, .string, .array, .object: nil
        }
    }

    /// The integer; nil for other kinds.
    public var integer: Int64? {
        guard kind == .integer else { return nil }
        return Int64(token)
    }

    /// The digits of an integer or fraction exactly as they stand in the text; empty for other kinds.
    public var token: String {
        guard kind == .integer || kind == .fraction else { return "" }
        return String(decoding: content, as: UTF8.self)
    }

    /// The string; nil for other kinds.
    public var string: Text? {
        guard kind == .string else { return nil }
        return Text(String(decoding: content, as: UTF8.self))
    }

    /// The string, if it has from 1 to a number of bytes and no control characters (C0, DEL, C1): a name that people
    /// can read without surprise.
    public func name(bytesMax: Int) -> Text? {
        guard kind == .string, (1...max(1, bytesMax)).contains(Int(node.length)) else { return nil }
        let start = Int(node.offset)
        return unsafe storage.bytes.withUnsafeBytes { bytes in
            let content = unsafe UnsafeRawBufferPointer(rebasing: bytes[start..<start + Int(node.length)])
            guard unsafe !Self.hasControls(content) else { return nil }
            return unsafe Text(String(decoding: content, as: UTF8.self))
        }
    }

    private static func hasControls(_ content: UnsafeRawBufferPointer) -> Bool {
        var previous: UInt8 = 0
        for position in 0..<content.count {
            let byte = unsafe content[position]
            if byte < 0x20 || byte == 0x7F { return true }
            // U+0080 to U+009F are C2 80 to C2 9F in UTF-8, and C2 begins nothing below U+0080.
            if previous == 0xC2, byte < 0xA0 { return true }
            previous = byte
        }
        return false
    }

    /// The content of a string or the token of a number, as bytes; empty for other kinds.
    public var content: ArraySlice<UInt8> {
        switch kind {
        case .string, .integer, .fraction:
            storage.bytes[Int(node.offset)..<Int(node.offset) + Int(node.length)]
        case .null, .true, .false, .array, .object:
            []
        }
    }

    /// The number of elements or members; zero for other kinds.
    public var count: Int {
        kind == .array || kind == .object ? Int(node.length) : 0
    }

    /// The elements of an array in their order; empty for other kinds.
    public var elements: JSONElements {
        JSONElements(storage: storage, position: index + 1, remaining: kind == .array ? count : 0)
    }

    /// The members of an object in the order of the text; empty for other kinds.
    public var members: JSONMembers {
        JSONMembers(storage: storage, position: index + 1, remaining: kind == .object ? count : 0)
    }

    /// The member of that name; nil if there is none or this is no object.
    public subscript(name: Text) -> JSONValue? {
        for member in members where member.hasName(name) {
            return member.value
        }
        return nil
    }
}

/// The elements of an array.
public struct JSONElements: Sequence, IteratorProtocol, Sendable {
    let storage: JSONStorage
    var position: Int
    var remaining: Int

    /// The next element.
    public mutating func next() -> JSONValue? {
        guard remaining > 0 else { return nil }
        let value = JSONValue(storage: storage, index: position)
        position = Int(storage.nodes[position].end)
        remaining -= 1
        return value
    }
}

/// One member of an object.
public struct JSONMember: Sendable {
    let storage: JSONStorage
    let nameIndex: Int

    /// The name.
    public var name: Text { Text(String(decoding: nameBytes, as: UTF8.self)) }

    /// The bytes of the name.
    public var nameBytes: ArraySlice<UInt8> { JSONValue(storage: storage, index: nameIndex).content }

    /// The value.
    public var value: JSONValue { JSONValue(storage: storage, index: nameIndex + 1) }

    /// Whether the name has these bytes; cheaper than building the name.
    public func hasName(_ name: Text) -> Bool {
        let bytes = nameBytes
        return bytes.count == name.byteCount && bytes.elementsEqual(name.utf8)
    }

    /// Whether the name is that of the source; cheaper still.
    public func isNamed(_ name: StaticString) -> Bool {
        let node = storage.nodes[nameIndex]
        guard Int(node.length) == name.utf8CodeUnitCount else { return false }
        return unsafe storage.bytes.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return true }
            return unsafe memcmp(start + Int(node.offset), name.utf8Start, name.utf8CodeUnitCount) == 0
        }
    }
}

/// The members of an object.
public struct JSONMembers: Sequence, IteratorProtocol, Sendable {
    let storage: JSONStorage
    var position: Int
    var remaining: Int

    /// The next member.
    public mutating func next() -> JSONMember? {
        guard remaining > 0 else { return nil }
        let member = JSONMember(storage: storage, nameIndex: position)
        position = Int(storage.nodes[position + 1].end)
        remaining -= 1
        return member
    }
}

extension JSONValue {
    init(storage: JSONStorage, index: Int) {
        self.storage = storage
        self.index = index
    }
}
