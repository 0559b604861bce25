public import Bytes

/// The identity of an entity: its type and its identifier, such as `User::"alice"`.
public struct EntityUID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The entity's type.
    public let type: EntityType

    /// The entity's identifier, any text, compared byte for byte.
    public let id: Text

    /// Makes the identity of an entity.
    public init(type: EntityType, id: Text) {
        self.type = type
        self.id = id
    }

    /// Reads an identity in Cedar's notation, such as `User::"alice"`, with no white space around its parts.
    ///
    /// - Returns: `nil` if the text is anything else.
    public init?(_ text: String) {
        guard let quote = text.utf8.firstIndex(of: UInt8(ascii: "\"")), text.utf8.last == UInt8(ascii: "\"") else {
            return nil
        }
        let last = text.utf8.index(before: text.utf8.endIndex)
        guard quote < last, text.utf8[..<quote].suffix(2).elementsEqual("::".utf8) else { return nil }
        guard let type = EntityType(String(text[..<text.utf8.index(quote, offsetBy: -2)])) else { return nil }
        let inner = Array(text.utf8[text.utf8.index(after: quote)..<last])
        guard !Escapes.hasBareQuote(inner), case .success(let id) = Escapes.string(inner) else { return nil }
        self.init(type: type, id: id)
    }

    /// The identity in Cedar's notation, with the identifier escaped.
    public var description: String { "\(type.name.string)::\(Escapes.quoted(id))" }

    /// Orders by type, then by identifier, both by their bytes.
    public static func < (left: EntityUID, right: EntityUID) -> Bool {
        left.type == right.type ? left.id < right.id : left.type < right.type
    }
}
