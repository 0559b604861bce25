import Bytes

/// A schema as it is written, before its names are resolved.
struct SchemaSyntax {
    var namespaces: [NamespaceSyntax] = []
}

/// The declarations of one namespace; the name is `nil` for those without one.
struct NamespaceSyntax {
    var name: Text?
    var entities: [EntitySyntax] = []
    var actions: [ActionSyntax] = []
    var types: [CommonTypeSyntax] = []
    var range: ByteRange
}

/// A name with its place.
struct NameSyntax {
    var text: Text
    var range: ByteRange
}

/// A type expression.
indirect enum TypeSyntax {
    case name(NameSyntax)
    case set(TypeSyntax)
    case record([AttributeSyntax])
}

/// An attribute of a record type.
struct AttributeSyntax {
    var name: NameSyntax
    var type: TypeSyntax
    var isRequired: Bool
}

/// A declaration such as `entity A, B in [C] = {…} tags T` or `entity A enum ["x"]`.
struct EntitySyntax {
    var names: [NameSyntax]
    var parents: [NameSyntax] = []
    var attributes: [AttributeSyntax] = []
    var tags: TypeSyntax?
    var choices: [Text]?
}

/// A reference to an action: its name, and the type before it if one is written.
struct ActionReferenceSyntax {
    var type: Text?
    var name: NameSyntax
}

/// A declaration such as `action a, b in [c] appliesTo {…}`.
struct ActionSyntax {
    var names: [NameSyntax]
    var parents: [ActionReferenceSyntax] = []
    var principals: [NameSyntax] = []
    var resources: [NameSyntax] = []
    var context: TypeSyntax?
}

/// A declaration such as `type T = …`.
struct CommonTypeSyntax {
    var name: NameSyntax
    var type: TypeSyntax
}
