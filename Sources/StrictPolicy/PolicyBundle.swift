// A bundle that was compiled: what rulings are made from.

package import Authorization
package import Bytes
package import Cedar

/// One immutable bundle: surfaces with their policies and schemas, and the entities.
///
/// Only the compiler makes one, and only of sources without a single problem. Passing it on costs one reference
/// count; a decision sees one bundle, whole.
package final class PolicyBundle: Sendable {
    /// What statements say of it.
    package let identity: BundleIdentity
    /// The surfaces, ascending by name.
    package let surfaces: [Surface]
    /// The entities of the bundle and the actions of all surfaces.
    package let entities: Entities
    /// Every policy, those of `common` once, ascending by name.
    package let policies: [PolicyDescription]
    /// What its authors are warned of, in the order of files and places.
    package let warnings: [PolicyProblem]
    private let surfaceIndexes: [Text: Int]
    /// The policies of each surface, compiled over the entities.
    private let authorizers: [PreparedAuthorizer]

    init(
        identity: BundleIdentity,
        surfaces: [Surface],
        entities: Entities,
        policies: [PolicyDescription],
        warnings: [PolicyProblem]
    ) {
        self.identity = identity
        self.surfaces = surfaces
        self.entities = entities
        self.policies = policies.sorted { $0.name < $1.name }
        self.warnings = warnings
        surfaceIndexes = Dictionary(uniqueKeysWithValues: surfaces.enumerated().map { ($1.name, $0) })
        authorizers = surfaces.map { PreparedAuthorizer($0.policySet, entities) }
    }

    /// The surface of that name.
    package func surface(_ name: Text) -> Surface? { surfaceIndexes[name].map { surfaces[$0] } }

    /// The surface of that name, with its policies as they are evaluated.
    func compiled(_ name: Text) -> (surface: Surface, authorizer: PreparedAuthorizer)? {
        surfaceIndexes[name].map { (surfaces[$0], authorizers[$0]) }
    }

    /// Whether the entities contain the request's target: then it is no secret, and a statement may name it.
    package func containsTarget(of request: Authorization.Request) -> Bool {
        guard let surface = surface(request.surface), let type = surface.targetType(request.target.type) else {
            return false
        }
        return entities[EntityUID(type: type, id: request.target.id)] != nil
    }

    /// Whether the bundle's surface of that name has that action: then a statement may name both.
    package func declares(action: Text, on surface: Text) -> Bool { self.surface(surface)?.action(action) != nil }
}

/// One surface of a bundle.
///
/// A class, because every decision passes it on several times: that costs one reference count, not one for each part.
package final class Surface: Sendable {
    /// Its name.
    package let name: Text
    /// What `surface.json` says.
    package let settings: SurfaceSettings
    /// The policies that are evaluated for its requests: those of `common`, then its own, as in ``policySet``.
    package let policies: [PolicyDescription]
    /// The same policies, compiled.
    package let policySet: PolicySet
    /// The text of which they were compiled.
    let text: JoinedSource
    /// The schema of its requests, without the gate's own member of the context.
    let schema: Schema
    /// The schema with the gate's own member in every context, which its policies are valid against.
    package let effectiveSchema: Schema
    private let actions: [Text: ActionDeclaration]
    private let actorTypes: [Text: EntityType]
    private let targetTypes: [Text: EntityType]

    /// The name of the gate's own member of every context.
    package static let gateMember: Text = "writ"

    init(_ parts: SurfaceParts, policies: (descriptions: [PolicyDescription], set: PolicySet), text: JoinedSource) {
        self.text = text
        name = parts.name
        settings = parts.settings
        schema = parts.schema
        effectiveSchema = parts.effectiveSchema
        self.policies = policies.descriptions
        policySet = policies.set
        var actions: [Text: ActionDeclaration] = [:]
        for action in schema.actions where action.uid.type.namespace.utf8.elementsEqual(settings.namespace.utf8) {
            actions[action.uid.id] = action
        }
        self.actions = actions
        actorTypes = Self.types(of: schema, in: parts.commonNamespace ?? "")
        targetTypes = Self.types(of: schema, in: settings.namespace)
    }

    /// The names of its actions, ascending.
    package var actionNames: [Text] { actions.keys.sorted() }

    /// The names of its actions that apply to anything, ascending; the others are mere groups.
    package var callableActionNames: [Text] {
        actions.values.filter { !$0.principals.isEmpty && !$0.resources.isEmpty }.map(\.uid.id).sorted()
    }

    /// The declaration of an action, its context without the gate's own member.
    package func action(_ name: Text) -> ActionDeclaration? { actions[name] }

    /// The type that a request's actor has: of the common namespace, unless it is named in full.
    package func actorType(_ name: Text) -> EntityType? { actorTypes[name] }

    /// The type that a request's target has: of the surface's namespace, unless it is named in full.
    package func targetType(_ name: Text) -> EntityType? { targetTypes[name] }

    /// The declared types by the names that requests may use for them.
    private static func types(of schema: Schema, in namespace: Text) -> [Text: EntityType] {
        var types: [Text: EntityType] = [:]
        for declaration in schema.entityTypes {
            let type = declaration.type
            if type.namespace.utf8.elementsEqual(namespace.utf8) { types[Text(type.basename)] = type }
            if !type.namespace.isEmpty { types[type.name] = type }
        }
        return types
    }
}

/// A surface before its policies are compiled.
struct SurfaceParts {
    let name: Text
    let settings: SurfaceSettings
    let schema: Schema
    /// The schema with the gate's own member in every context, which policies are validated against.
    let effectiveSchema: Schema
    let commonNamespace: Text?
}
