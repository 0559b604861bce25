import Bytes

/// A schema as it is written, before its names are resolved.
struct SchemaSyntax: Sendable {
    var namespaces: [NamespaceSyntax] = []
}

/// An annotation of a declaration (RFC 48).
struct AnnotationSyntax: Sendable {
    var key: Text
    /// `nil` only if JSON says `null`; an annotation without a value in Cedar's syntax has the empty one.
    var value: Text?
}

/// The declarations of one namespace; the name is `nil` for those without one.
struct NamespaceSyntax: Sendable {
    var annotations: [AnnotationSyntax] = []
    var name: Text?
    var entities: [EntitySyntax] = []
    var actions: [ActionSyntax] = []
    var types: [CommonTypeSyntax] = []
    var range: ByteRange
}

/// A name with its place.
struct NameSyntax: Sendable {
    var text: Text
    var range: ByteRange
}

/// A type expression.
indirect enum TypeSyntax: Sendable {
    /// A name that may mean a common type, an entity type or a built-in type.
    case name(NameSyntax)
    /// A name that can mean only one kind of thing: JSON tells them apart, Cedar's syntax does not.
    case named(NameSyntax, TypeNameKind)
    case set(TypeSyntax)
    case record([AttributeSyntax])
}

/// What kind of thing a name in JSON means.
enum TypeNameKind: Sendable {
    /// `Long`, `String` or `Boolean`, whatever is declared by that name.
    case primitive
    /// An entity type.
    case entity
    /// A common type, or a built-in type by the name that it has in Cedar's syntax.
    case common
    /// An extension type.
    case `extension`
}

/// An attribute of a record type.
struct AttributeSyntax: Sendable {
    var annotations: [AnnotationSyntax] = []
    var name: NameSyntax
    var type: TypeSyntax
    var isRequired: Bool
}

/// A declaration such as `entity A, B in [C] = {…} tags T` or `entity A enum ["x"]`.
struct EntitySyntax: Sendable {
    var annotations: [AnnotationSyntax] = []
    var names: [NameSyntax]
    var parents: [NameSyntax] = []
    /// A record type, or in JSON a name of one.
    var shape: TypeSyntax?
    var tags: TypeSyntax?
    var choices: [Text]?
}

/// A reference to an action: its name, and the type before it if one is written.
struct ActionReferenceSyntax: Sendable {
    var type: Text?
    var name: NameSyntax
}

/// A declaration such as `action a, b in [c] appliesTo {…}`.
struct ActionSyntax: Sendable {
    var annotations: [AnnotationSyntax] = []
    var names: [NameSyntax]
    var parents: [ActionReferenceSyntax] = []
    var principals: [NameSyntax] = []
    var resources: [NameSyntax] = []
    var context: TypeSyntax?
}

/// A declaration such as `type T = …`.
struct CommonTypeSyntax: Sendable {
    var annotations: [AnnotationSyntax] = []
    var name: NameSyntax
    var type: TypeSyntax
}
