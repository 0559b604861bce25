public import Bytes

/// The name of an entity type, such as `User` or `Payments::Account`, in normalized form: no white space, parts joined
/// by `::`.
public struct EntityType: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The whole name.
    public let name: Text

    /// Reads a name, and refuses it unless it is normalized (RFC 9) and free of reserved words.
    public init?(_ text: String) {
        guard Identifier.isPath(text.utf8) else { return nil }
        name = Text(text)
    }

    /// Takes a name that the parser has already checked.
    init(checked name: Text) {
        self.name = name
    }

    /// The last part of the name: `Account` of `Payments::Account`.
    public var basename: String {
        guard let separator = name.utf8.lastIndex(of: UInt8(ascii: ":")) else { return name.string }
        return String(name.string[name.utf8.index(after: separator)...])
    }

    /// The parts before the last: `Payments` of `Payments::Account`, empty if there are none.
    public var namespace: String {
        guard let separator = name.utf8.lastIndex(of: UInt8(ascii: ":")) else { return "" }
        let first = name.utf8.index(before: separator)
        return String(name.string[..<first])
    }

    /// Whether this is a type of actions: Cedar reserves the basename `Action` for them.
    public var isAction: Bool { basename.utf8.elementsEqual("Action".utf8) }

    /// The whole name, as in Cedar text.
    public var description: String { name.string }

    /// Orders names by their bytes.
    public static func < (left: EntityType, right: EntityType) -> Bool { left.name < right.name }
}
