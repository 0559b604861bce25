// Reading the members of statements and records, each by its name.

internal import Authorization
internal import Bytes

/// One object of a statement; a member is taken by its name and must have its form.
///
/// Members that nobody takes, other orders and second spellings are found by encoding the result again.
struct StatementReader {
    private let value: JSONValue
    private let path: String

    init(_ value: JSONValue, path: String = "") throws(StatementError) {
        guard value.kind == .object else { throw .invalid(Text(path)) }
        self.value = value
        self.path = path
    }

    /// Parses bytes within the limits of statements or records.
    init(parsing bytes: [UInt8], limits: JSONLimits) throws(StatementError) {
        guard bytes.count <= limits.bytesMax else { throw .tooLong(bytesMax: limits.bytesMax) }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: bytes, limits: limits)
        } catch {
            throw .json(error)
        }
        try self.init(value)
    }

    private func full(_ name: Text) -> Text { path.isEmpty ? name : Text("\(path).\(name)") }

    /// An error about a member of this object.
    func invalid(_ name: Text) -> StatementError { .invalid(full(name)) }

    func has(_ name: Text) -> Bool { value[name] != nil }

    func member(_ name: Text) throws(StatementError) -> JSONValue {
        guard let member = value[name] else { throw .missing(full(name)) }
        return member
    }

    func text(_ name: Text) throws(StatementError) -> Text {
        guard let text = try member(name).string else { throw invalid(name) }
        return text
    }

    func object(_ name: Text) throws(StatementError) -> StatementReader {
        try StatementReader(member(name), path: full(name).string)
    }

    func optionalObject(_ name: Text) throws(StatementError) -> StatementReader? {
        has(name) ? try object(name) : nil
    }

    func boolean(_ name: Text) throws(StatementError) -> Bool {
        guard let truth = try member(name).boolean else { throw invalid(name) }
        return truth
    }

    func integer(_ name: Text) throws(StatementError) -> UInt64 {
        guard let integer = try member(name).integer, integer >= 0 else { throw invalid(name) }
        return UInt64(integer)
    }

    func signedInteger(_ name: Text) throws(StatementError) -> Int64 {
        guard let integer = try member(name).integer else { throw invalid(name) }
        return integer
    }

    func time(_ name: Text) throws(StatementError) -> Int64 {
        guard let time = StatementTime.milliseconds(try text(name)) else { throw invalid(name) }
        return time
    }

    func identifier(_ name: Text) throws(StatementError) -> Identifier {
        guard let identifier = Identifier(try text(name)) else { throw invalid(name) }
        return identifier
    }

    /// A digest in the form `sha256:…`.
    func digest(_ name: Text) throws(StatementError) -> Digest {
        guard let digest = Self.digest(try text(name), prefix: "sha256:") else { throw invalid(name) }
        return digest
    }

    func optionalDigest(_ name: Text) throws(StatementError) -> Digest? {
        has(name) ? try digest(name) : nil
    }

    /// An authentication code in the form `hmac:…`.
    func code(_ name: Text) throws(StatementError) -> Digest {
        guard let code = Self.digest(try text(name), prefix: "hmac:") else { throw invalid(name) }
        return code
    }

    /// A digest as bare digits.
    func hex(_ name: Text) throws(StatementError) -> Digest {
        guard let digest = Digest(hex: try text(name).string) else { throw invalid(name) }
        return digest
    }

    func texts(_ name: Text) throws(StatementError) -> [Text] {
        let array = try member(name)
        guard array.kind == .array else { throw invalid(name) }
        var texts: [Text] = []
        texts.reserveCapacity(array.count)
        for element in array.elements {
            guard let text = element.string else { throw invalid(name) }
            texts.append(text)
        }
        return texts
    }

    /// Strings in ascending order of their bytes without duplicates.
    func ascendingTexts(_ name: Text) throws(StatementError) -> [Text] {
        let texts = try texts(name)
        for (left, right) in zip(texts, texts.dropFirst()) where !(left < right) { throw invalid(name) }
        return texts
    }

    func entity(_ name: Text) throws(StatementError) -> EntityName {
        let reader = try object(name)
        return EntityName(type: try reader.text("type"), id: try reader.text("id"))
    }

    func reference(_ name: Text) throws(StatementError) -> Reference {
        let reader = try object(name)
        return Reference(index: try reader.integer("index"), leaf: try reader.hex("leaf"))
    }

    func optionalReference(_ name: Text) throws(StatementError) -> Reference? {
        has(name) ? try reference(name) : nil
    }

    func original(_ name: Text) throws(StatementError) -> Original {
        let reader = try object(name)
        return Original(
            reference: Reference(index: try reader.integer("index"), leaf: try reader.hex("leaf")),
            commitment: try reader.digest("commitment")
        )
    }

    /// The digest of a text that begins with the prefix; nil for any other text.
    static func digest(_ text: Text, prefix: String) -> Digest? {
        guard text.string.utf8.starts(with: prefix.utf8) else { return nil }
        return Digest(hex: String(decoding: text.utf8.dropFirst(prefix.utf8.count), as: UTF8.self))
    }
}
