import Bytes

/// What validation asks of a schema, made ready once.
struct SchemaIndex: Sendable {
    let schema: Schema
    /// The types of entities that actions of a type may be in.
    private let actionAncestorTypes: [EntityType: Set<EntityType>]
    /// The types of tags that any entity may have.
    let allTagTypes: [SchemaType]
    /// The places of the actions that are an action, or in it.
    private let members: [EntityUID: [Int]]

    init(_ schema: Schema) {
        self.schema = schema
        var ancestors: [EntityType: Set<EntityType>] = [:]
        for action in schema.actions {
            ancestors[action.uid.type, default: []].formUnion(action.ancestors.map(\.type))
        }
        actionAncestorTypes = ancestors
        var members: [EntityUID: [Int]] = [:]
        for (place, action) in schema.actions.enumerated() {
            for group in [action.uid] + action.ancestors { members[group, default: []].append(place) }
        }
        self.members = members
        var types: Set<SchemaType> = []
        allTagTypes = schema.entityTypes.compactMap(\.tags).filter { types.insert($0).inserted }
    }

    /// Whether a type is declared; those of actions need no declaration of their own.
    func isKnown(_ type: EntityType) -> Bool { type.isAction || schema[type] != nil }

    /// Whether an entity of the first type may be one of the second, or be in one.
    func mayBeIn(_ type: EntityType, _ group: EntityType) -> Bool {
        if type == group { return true }
        if let declaration = schema[type], declaration.ancestors.contains(group) { return true }
        return actionAncestorTypes[type]?.contains(group) ?? false
    }

    /// The type of the tags of an entity that is of one of these types, one for each that has any.
    func tagTypes(of types: [EntityType]) -> [SchemaType] {
        var seen: Set<SchemaType> = []
        return types.compactMap { schema[$0]?.tags }.filter { seen.insert($0).inserted }
    }

    /// Whether an action is one of the others or in one; `nil` if any of the others is not declared.
    func isAction(_ action: EntityUID, inAnyOf groups: [EntityUID]) -> Bool? {
        guard groups.allSatisfy({ schema[$0] != nil }) else { return nil }
        return groups.contains(action) || groups.contains { schema[action]?.ancestors.contains($0) ?? false }
    }

    /// The actions that are one of the others or in one, in their order; `nil` if any of the others is not declared.
    func actions(inAnyOf groups: [EntityUID]) -> [ActionDeclaration]? {
        guard groups.allSatisfy({ schema[$0] != nil }) else { return nil }
        var places: Set<Int> = []
        for group in groups { places.formUnion(members[group] ?? []) }
        return places.sorted().map { schema.actions[$0] }
    }

    /// Whether entities of a type may satisfy a constraint on the principal or resource, as far as types tell.
    func isPossible(_ type: EntityType, _ constraint: ScopeConstraint) -> Bool {
        switch constraint {
        case .any, .equal(.slot), .isIn(.slot), .isInAny: true
        case .equal(.entity(let uid)): uid.type == type
        case .isIn(.entity(let uid)): mayBeIn(type, uid.type)
        case .isType(let expected), .isTypeIn(let expected, .slot): expected == type
        case .isTypeIn(let expected, .entity(let uid)): expected == type && mayBeIn(type, uid.type)
        }
    }
}
