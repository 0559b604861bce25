public import Bytes

/// An entity type that a schema declares.
public struct EntityTypeDeclaration: Hashable, Sendable {
    /// The type.
    public let type: EntityType
    /// The types that its entities may be in, directly or through others, sorted.
    public let ancestors: [EntityType]
    /// The attributes of its entities.
    public let attributes: RecordType
    /// The type of its entities' tags; they have none if it is `nil`.
    public let tags: SchemaType?
    /// The identifiers of its entities, sorted, if the schema lists them all.
    public let choices: [Text]?
}

/// An action that a schema declares.
public struct ActionDeclaration: Hashable, Sendable {
    /// The action.
    public let uid: EntityUID
    /// The groups that it is directly in, sorted.
    public let parents: [EntityUID]
    /// The groups that it is in, directly or through others, sorted.
    public let ancestors: [EntityUID]
    /// The types of principals that it applies to, sorted; none for a mere group.
    public let principals: [EntityType]
    /// The types of resources that it applies to, sorted; none for a mere group.
    public let resources: [EntityType]
    /// The type of its context.
    public let context: RecordType
}

/// A schema: the types of entities and actions, with all names resolved; immutable and safe to share.
public struct Schema: Sendable {
    /// The declared entity types, sorted by name; those of actions are not among them.
    public let entityTypes: [EntityTypeDeclaration]
    /// The declared actions, sorted.
    public let actions: [ActionDeclaration]

    private let entityTypeIndexes: [EntityType: Int]
    private let actionIndexes: [EntityUID: Int]

    /// Reads a schema in Cedar's syntax.
    ///
    /// - Throws: ``SyntaxError`` with what is wrong in the text, or else in the meaning of its names.
    public init(parsing text: Text) throws(SyntaxError) {
        try self.init(parsing: Array(text.utf8))
    }

    /// Reads a schema in Cedar's syntax from UTF-8 bytes.
    ///
    /// - Throws: ``SyntaxError`` with what is wrong in the text, or else in the meaning of its names.
    public init(parsing bytes: [UInt8]) throws(SyntaxError) {
        let fragment = try SchemaFragment(parsing: bytes)
        var resolver = SchemaResolver(fragment.syntax)
        guard let (entityTypes, actions) = resolver.resolve() else { throw SyntaxError(resolver.failures, in: bytes) }
        self.init(entityTypes: entityTypes, actions: actions)
    }

    init(entityTypes: [EntityTypeDeclaration], actions: [ActionDeclaration]) {
        self.entityTypes = entityTypes.sorted { $0.type < $1.type }
        self.actions = actions.sorted { $0.uid < $1.uid }
        entityTypeIndexes = Dictionary(
            uniqueKeysWithValues: self.entityTypes.enumerated().map { ($1.type, $0) }
        )
        actionIndexes = Dictionary(uniqueKeysWithValues: self.actions.enumerated().map { ($1.uid, $0) })
    }

    /// The declaration of an entity type, if there is one.
    public subscript(type: EntityType) -> EntityTypeDeclaration? { entityTypeIndexes[type].map { entityTypes[$0] } }

    /// The declaration of an action, if there is one.
    public subscript(action: EntityUID) -> ActionDeclaration? { actionIndexes[action].map { actions[$0] } }

    /// The declared actions as entities.
    public var actionEntities: [Entity] { actions.map { Entity(uid: $0.uid, parents: $0.parents) } }

    /// Why a member cannot be added to the contexts.
    public struct MemberConflictError: Error, Hashable, Sendable {
        /// The first action whose context has a member of that name already.
        public let action: EntityUID
    }

    /// This schema with one more member in the context of every action that applies to anything.
    ///
    /// - Throws: ``MemberConflictError`` if some context has a member of that name already.
    public func addingToContexts(_ member: AttributeType) throws(MemberConflictError) -> Schema {
        var changed: [ActionDeclaration] = []
        for action in actions {
            guard let context = RecordType(action.context.attributes + [member]) else {
                throw MemberConflictError(action: action.uid)
            }
            let isGroup = action.principals.isEmpty || action.resources.isEmpty
            changed.append(
                ActionDeclaration(
                    uid: action.uid,
                    parents: action.parents,
                    ancestors: action.ancestors,
                    principals: action.principals,
                    resources: action.resources,
                    context: isGroup ? action.context : context
                )
            )
        }
        return Schema(entityTypes: entityTypes, actions: changed)
    }
}

extension SchemaType {
    /// Reads a type in Cedar's schema syntax that refers to nothing but the built-in types.
    ///
    /// - Throws: ``SyntaxError`` with what is wrong.
    public init(parsing text: Text) throws(SyntaxError) {
        let bytes = Array(text.utf8)
        try SourceCheck.check(bytes)
        var parser = SchemaParser(bytes)
        let syntax = try parser.parseType()
        var resolver = SchemaResolver(SchemaSyntax())
        guard let type = resolver.resolveAlone(syntax) else { throw SyntaxError(resolver.failures, in: bytes) }
        self = type
    }
}
