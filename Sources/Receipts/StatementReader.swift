// Reading the members of statements and records, each by its name.

internal import Authorization
internal import Bytes

/// One object of a statement; a member is taken by its name and must have its form.
///
/// Members that nobody takes, other orders and second spellings are found by encoding the result again.
struct StatementReader {
    /// A member with a number that tells most names apart, so that finding one costs a few comparisons of integers.
    private struct Named {
        let key: UInt64
        let member: JSONMember
    }

    private let members: [Named]
    private let path: String

    init(_ value: JSONValue, path: String = "") throws(StatementError) {
        guard value.kind == .object else { throw .invalid(Text(path)) }
        self.path = path
        members = value.members.map { Named(key: Self.key($0.nameBytes), member: $0) }
    }

    /// The first bytes of a name and its length.
    private static func key(_ name: some Collection<UInt8>) -> UInt64 {
        name.prefix(7).reduce(UInt64(truncatingIfNeeded: name.count)) { $0 << 8 | UInt64($1) }
    }

    private func find(_ name: Text) -> JSONValue? {
        let key = Self.key(name.utf8)
        for named in members where named.key == key && named.member.hasName(name) { return named.member.value }
        return nil
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

    func has(_ name: Text) -> Bool { find(name) != nil }

    func member(_ name: Text) throws(StatementError) -> JSONValue {
        guard let member = find(name) else { throw .missing(full(name)) }
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
        try digest(name, behind: "sha256:")
    }

    func optionalDigest(_ name: Text) throws(StatementError) -> Digest? {
        has(name) ? try digest(name) : nil
    }

    /// An authentication code in the form `hmac:…`.
    func code(_ name: Text) throws(StatementError) -> Digest {
        try digest(name, behind: "hmac:")
    }

    /// A digest as bare digits.
    func hex(_ name: Text) throws(StatementError) -> Digest {
        try digest(name, behind: "")
    }

    private func digest(_ name: Text, behind prefix: String) throws(StatementError) -> Digest {
        let member = try member(name)
        guard member.kind == .string, let digest = Self.digest(member.content, behind: prefix) else {
            throw invalid(name)
        }
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
        digest(Array(text.utf8)[...], behind: prefix)
    }

    private static func digest(_ text: ArraySlice<UInt8>, behind prefix: String) -> Digest? {
        guard text.count == prefix.utf8.count + 2 * Digest.byteCount, text.starts(with: prefix.utf8) else { return nil }
        let digits = text.dropFirst(prefix.utf8.count)
        var isValid = true
        let digest = unsafe Digest { output in
            for position in 0..<Digest.byteCount {
                let high = nibble(digits[digits.startIndex + 2 * position])
                let low = nibble(digits[digits.startIndex + 2 * position + 1])
                isValid = isValid && high < 16 && low < 16
                unsafe output[position] = high << 4 | low & 15
            }
        }
        return isValid ? digest : nil
    }

    /// The value of a lower-case digit; 255 for anything else.
    private static func nibble(_ digit: UInt8) -> UInt8 {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: 255
        }
    }
}
