import Bytes

/// Gives the names of a schema their meaning (RFC 24, RFC 70).
///
/// A name without namespace means, in this order: a type of its own namespace, a type without namespace, a built-in
/// type; in each place a common type before an entity type.
struct SchemaResolver {
    private(set) var failures: [SyntaxFailure] = []
    private let syntax: SchemaSyntax
    private var commonTypes: [Text: (type: TypeSyntax, namespace: Text?, range: ByteRange)] = [:]
    private var entityTypes: [Text: ByteRange] = [:]
    private var actions: [EntityUID: ByteRange] = [:]
    private var actionTypes: Set<Text> = []
    private var resolved: [Text: Resolved] = [:]
    /// The common types that are not valid, so that none is looked at twice.
    private var failed: Set<Text> = []

    /// A resolved type with its measures.
    private struct Resolved {
        var type: SchemaType
        var depth = 1
        var size = 1

        init(_ type: SchemaType, depth: Int = 1, size: Int = 1) {
            self.type = type
            self.depth = depth
            self.size = size
        }
    }

    /// The most parts that a type may have once the common types in it are put in their places.
    static let typePartsMax = 100_000

    init(_ syntax: SchemaSyntax) {
        self.syntax = syntax
    }

    /// Resolves everything; `nil` if there are ``failures``.
    mutating func resolve() -> (entityTypes: [EntityTypeDeclaration], actions: [ActionDeclaration])? {
        collect()
        refuseShadowing()
        guard failures.isEmpty else { return nil }
        for name in commonTypes.keys.sorted() where resolved[name] == nil {
            attempt { (resolver) throws(SyntaxFailure) in try resolver.resolveCommonType(name) }
        }
        var entityTypes: [EntityTypeDeclaration] = []
        var actions: [ActionDeclaration] = []
        let parents = parentTypes()
        for namespace in syntax.namespaces {
            for entity in namespace.entities {
                attempt { (resolver) throws(SyntaxFailure) in
                    entityTypes += try resolver.declarations(entity, namespace.name, parents)
                }
            }
            for action in namespace.actions {
                attempt { (resolver) throws(SyntaxFailure) in
                    actions += try resolver.declarations(action, namespace.name)
                }
            }
        }
        guard failures.isEmpty, let closed = close(actions) else { return nil }
        return (entityTypes, closed)
    }

    /// Resolves a type that stands alone.
    mutating func resolveAlone(_ syntax: TypeSyntax) -> SchemaType? {
        var result: SchemaType?
        attempt { (resolver) throws(SyntaxFailure) in result = try resolver.type(syntax, nil).type }
        return result
    }

    private mutating func attempt(_ body: (inout SchemaResolver) throws(SyntaxFailure) -> Void) {
        guard failures.count < SourceLimits.diagnosticsMax else { return }
        do throws(SyntaxFailure) {
            try body(&self)
        } catch {
            // A declaration of several names fails once for each.
            if !failures.contains(where: { $0.range == error.range }) { failures.append(error) }
        }
    }

    // MARK: Declared names

    private mutating func collect() {
        var namespaces: Set<Text> = []
        for namespace in syntax.namespaces {
            if let name = namespace.name {
                if name.string.utf8.starts(with: Word.cedar.rawValue.utf8) {
                    fail(.reservedIdentifier, "the namespace `__cedar` is reserved", namespace.range)
                }
                if !namespaces.insert(name).inserted {
                    fail(.duplicate, "namespace `\(name)` is declared twice", namespace.range)
                }
            }
            for type in namespace.types { collect(type, namespace.name) }
            for entity in namespace.entities {
                for name in entity.names { collect(entity: name, namespace.name) }
            }
            for action in namespace.actions {
                for name in action.names {
                    let uid = Self.action(name.text, namespace.name)
                    actionTypes.insert(uid.type.name)
                    let isNew = actions.updateValue(name.range, forKey: uid) == nil
                    if !isNew { fail(.duplicate, "action `\(uid)` is declared twice", name.range) }
                }
            }
        }
    }

    private mutating func collect(_ type: CommonTypeSyntax, _ namespace: Text?) {
        let name = Self.qualify(type.name.text, namespace)
        if Self.reservedTypeNames.contains(type.name.text) {
            fail(.reservedIdentifier, "`\(type.name.text)` is the name of a built-in type", type.name.range)
        }
        let old = commonTypes.updateValue((type.type, namespace, type.name.range), forKey: name)
        if old != nil { fail(.duplicate, "type `\(name)` is declared twice", type.name.range) }
    }

    private mutating func collect(entity name: NameSyntax, _ namespace: Text?) {
        if name.text == "Action" {
            fail(.reservedIdentifier, "`Action` is the type of actions and cannot be declared", name.range)
        }
        let qualified = Self.qualify(name.text, namespace)
        let isNew = entityTypes.updateValue(name.range, forKey: qualified) == nil
        if !isNew { fail(.duplicate, "entity type `\(qualified)` is declared twice", name.range) }
    }

    /// A name of a namespace must not hide one without namespace (RFC 70).
    private mutating func refuseShadowing() {
        for namespace in syntax.namespaces where namespace.name != nil {
            let names = namespace.types.map(\.name) + namespace.entities.flatMap(\.names)
            for name in names where commonTypes[name.text] != nil || entityTypes[name.text] != nil {
                fail(.shadowing, "`\(name.text)` hides the declaration of that name without namespace", name.range)
            }
            for name in namespace.actions.flatMap(\.names) where actions[Self.action(name.text, nil)] != nil {
                fail(.shadowing, "action `\(name.text)` hides the action of that name without namespace", name.range)
            }
        }
    }

    private mutating func fail(_ code: SyntaxDiagnostic.Code, _ message: String, _ range: ByteRange) {
        guard failures.count < SourceLimits.diagnosticsMax else { return }
        failures.append(SyntaxFailure(code, message, range))
    }

    private static func qualify(_ name: Text, _ namespace: Text?) -> Text {
        namespace.map { Text("\($0)::\(name)") } ?? name
    }

    private static func action(_ name: Text, _ namespace: Text?) -> EntityUID {
        EntityUID(type: EntityType(checked: qualify("Action", namespace)), id: name)
    }

    /// The places where a name is looked for.
    private static func candidates(_ name: Text, _ namespace: Text?) -> [Text] {
        guard let namespace, !isQualified(name) else { return [name] }
        return [qualify(name, namespace), name]
    }

    private static func isQualified(_ name: Text) -> Bool { name.utf8.contains(UInt8(ascii: ":")) }

    private static let reservedTypeNames: Set<Text> = [
        "Bool", "Boolean", "Long", "String", "Set", "Record", "Entity", "Extension",
    ]

    // MARK: Types

    private func type(_ syntax: TypeSyntax, _ namespace: Text?) throws(SyntaxFailure) -> Resolved {
        switch syntax {
        case .name(let name): return try type(named: name, namespace)
        case .named(let name, let kind): return try type(named: name, kind, namespace)
        case .set(let element):
            let element = try type(element, namespace)
            return try measured(.set(element.type), [element], ByteRange(start: 0, end: 0))
        case .record(let attributes): return try record(attributes, namespace)
        }
    }

    private func record(_ attributes: [AttributeSyntax], _ namespace: Text?) throws(SyntaxFailure) -> Resolved {
        var parts: [Resolved] = []
        var types: [AttributeType] = []
        for attribute in attributes {
            let part = try type(attribute.type, namespace)
            parts.append(part)
            types.append(AttributeType(name: attribute.name.text, type: part.type, isRequired: attribute.isRequired))
        }
        let range = attributes.first?.name.range ?? ByteRange(start: 0, end: 0)
        // The parser refused duplicates.
        return try measured(.record(RecordType(sorted: types.sorted { $0.name < $1.name })), parts, range)
    }

    private func measured(_ type: SchemaType, _ parts: [Resolved], _ range: ByteRange) throws(SyntaxFailure) -> Resolved
    {
        let depth = 1 + parts.reduce(0) { max($0, $1.depth) }
        let size = 1 + parts.reduce(0) { $0 + $1.size }
        guard depth <= SourceLimits.nestingMax else { throw ExpressionBuilder.tooDeep(range) }
        guard size <= Self.typePartsMax else {
            throw SyntaxFailure(.limitExceeded, "type with more than \(Self.typePartsMax) parts", range)
        }
        return Resolved(type, depth: depth, size: size)
    }

    private func type(named name: NameSyntax, _ namespace: Text?) throws(SyntaxFailure) -> Resolved {
        if let candidate = candidate(name.text, namespace) {
            if let type = resolved[candidate] { return type }
            guard commonTypes[candidate] == nil else {
                throw SyntaxFailure(.unknownType, "type `\(name.text)` is not valid", name.range)
            }
            return Resolved(.entity(EntityType(checked: candidate)))
        }
        guard let type = Self.builtIn(Self.unqualifiedBuiltIn(name.text.string)) else {
            let known = Self.builtInNames + Array(commonTypes.keys) + Array(entityTypes.keys)
            let guess = nearest(to: name.text, among: known, namespace)
            throw SyntaxFailure(.unknownType, "there is no type `\(name.text)`", name.range, replacement: guess)
        }
        return Resolved(type)
    }

    /// The name without the `__cedar::` that a built-in type may have before it.
    private static func unqualifiedBuiltIn(_ name: String) -> String {
        let prefix = "\(Word.cedar.rawValue)::"
        return name.utf8.starts(with: prefix.utf8) ? String(name.dropFirst(prefix.count)) : name
    }

    /// The type that a name in JSON means, which tells what kind of thing it names.
    private func type(
        named name: NameSyntax,
        _ kind: TypeNameKind,
        _ namespace: Text?
    ) throws(SyntaxFailure) -> Resolved {
        let text = name.text.string
        switch kind {
        case .primitive: if let type = Self.builtIn(text == "Boolean" ? "Bool" : text) { return Resolved(type) }
        case .extension: if let type = ExtensionType(rawValue: text) { return Resolved(.extension(type)) }
        case .entity:
            let found = Self.candidates(name.text, namespace).first {
                entityTypes[$0] != nil || actionTypes.contains($0)
            }
            if let found { return Resolved(.entity(EntityType(checked: found))) }
            return Resolved(.entity(try entityType(name, namespace)))
        case .common:
            // An entity type of that name is not meant, and does not hide a built-in type either.
            guard let found = Self.candidates(name.text, namespace).first(where: { commonTypes[$0] != nil }) else {
                if let type = Self.builtIn(Self.unqualifiedBuiltIn(text)) { return Resolved(type) }
                break
            }
            if let type = resolved[found] { return type }
            throw SyntaxFailure(.unknownType, "type `\(name.text)` is not valid", name.range)
        }
        throw SyntaxFailure(.unknownType, "there is no type `\(name.text)` of that kind", name.range)
    }

    private static let builtInNames: [Text] =
        ["Bool", "Long", "String", "Set"] + ExtensionType.allCases.map { Text($0.rawValue) }

    /// The declared name that was probably meant, as it is written in that namespace.
    private func nearest(to name: Text, among names: [Text], _ namespace: Text?) -> Text? {
        let prefix = namespace.map { "\($0)::" } ?? ""
        let written = names.sorted().map { known -> Text in
            let isOwn = !prefix.isEmpty && known.string.utf8.starts(with: prefix.utf8)
            return isOwn ? Text(String(known.string.dropFirst(prefix.count))) : known
        }
        return Suggestion.nearest(to: name, among: written)
    }

    private static func builtIn(_ name: String) -> SchemaType? {
        switch name {
        case "Bool": .bool
        case "Long": .long
        case "String": .string
        default: ExtensionType(rawValue: name).map(SchemaType.extension)
        }
    }

    /// Resolves a common type, after all those that it contains, so that the recursion is never deeper than one type.
    private mutating func resolveCommonType(_ root: Text) throws(SyntaxFailure) {
        guard !failed.contains(root) else { return }
        var open: [(name: Text, parts: [Text])] = [(root, parts(of: root))]
        var openNames: Set<Text> = [root]
        // What is still open when something throws contains the thing that threw.
        defer { failed.formUnion(openNames) }
        while let (name, parts) = open.last {
            guard resolved[name] == nil else {
                openNames.remove(name)
                open.removeLast()
                continue
            }
            if let part = parts.last {
                open[open.count - 1].parts.removeLast()
                guard resolved[part] == nil else { continue }
                guard !failed.contains(part) else { return }
                guard openNames.insert(part).inserted else {
                    throw SyntaxFailure(.cycle, "type `\(part)` contains itself", range(of: part))
                }
                open.append((part, self.parts(of: part)))
            } else if let declaration = commonTypes[name] {
                resolved[name] = try type(declaration.type, declaration.namespace)
            }
        }
    }

    private func range(of commonType: Text) -> ByteRange {
        commonTypes[commonType]?.range ?? ByteRange(start: 0, end: 0)
    }

    /// The common types that a common type contains.
    private func parts(of name: Text) -> [Text] {
        guard let declaration = commonTypes[name] else { return [] }
        var found: Set<Text> = []
        collect(declaration.type, declaration.namespace, into: &found)
        return found.sorted()
    }

    private func collect(_ syntax: TypeSyntax, _ namespace: Text?, into found: inout Set<Text>) {
        switch syntax {
        case .name(let name):
            guard let candidate = candidate(name.text, namespace), commonTypes[candidate] != nil else { return }
            found.insert(candidate)
        case .named(let name, .common): collect(.name(name), namespace, into: &found)
        case .named(_, .entity), .named(_, .extension), .named(_, .primitive): return
        case .set(let element): collect(element, namespace, into: &found)
        case .record(let attributes): for attribute in attributes { collect(attribute.type, namespace, into: &found) }
        }
    }

    /// The first place where a name means a common type, an entity type or an action type.
    private func candidate(_ name: Text, _ namespace: Text?) -> Text? {
        Self.candidates(name, namespace).first {
            commonTypes[$0] != nil || entityTypes[$0] != nil || actionTypes.contains($0)
        }
    }

    private func entityType(_ name: NameSyntax, _ namespace: Text?) throws(SyntaxFailure) -> EntityType {
        for candidate in Self.candidates(name.text, namespace) where entityTypes[candidate] != nil {
            return EntityType(checked: candidate)
        }
        let guess = nearest(to: name.text, among: Array(entityTypes.keys), namespace)
        throw SyntaxFailure(.unknownType, "there is no entity type `\(name.text)`", name.range, replacement: guess)
    }

    // MARK: Declarations

    /// The declared parents of every entity type; names that mean nothing are reported with their declaration.
    private func parentTypes() -> [EntityType: [EntityType]] {
        var parents: [EntityType: [EntityType]] = [:]
        for namespace in syntax.namespaces {
            for entity in namespace.entities {
                let types = entity.parents.compactMap { try? entityType($0, namespace.name) }
                for name in entity.names {
                    parents[EntityType(checked: Self.qualify(name.text, namespace.name))] = types
                }
            }
        }
        return parents
    }

    private mutating func declarations(
        _ entity: EntitySyntax,
        _ namespace: Text?,
        _ parents: [EntityType: [EntityType]]
    ) throws(SyntaxFailure) -> [EntityTypeDeclaration] {
        for parent in entity.parents { _ = try entityType(parent, namespace) }
        guard case .record(let attributes) = try type(entity.shape ?? .record([]), namespace).type else {
            let range = entity.names.first?.range ?? ByteRange(start: 0, end: 0)
            throw SyntaxFailure(.invalidDeclaration, "the shape of an entity type has to be a record", range)
        }
        let tags: SchemaType?
        if let syntax = entity.tags { tags = try type(syntax, namespace).type } else { tags = nil }
        let choices = entity.choices.map { Set($0).sorted() }
        return entity.names.map { name in
            let type = EntityType(checked: Self.qualify(name.text, namespace))
            let ancestors = Self.reachable(from: type, parents)
            return EntityTypeDeclaration(
                type: type,
                ancestors: ancestors,
                attributes: attributes,
                tags: tags,
                choices: choices
            )
        }
    }

    private static func reachable(from type: EntityType, _ parents: [EntityType: [EntityType]]) -> [EntityType] {
        var found: Set<EntityType> = []
        var waiting = parents[type] ?? []
        while let next = waiting.popLast() {
            if found.insert(next).inserted { waiting += parents[next] ?? [] }
        }
        return found.sorted()
    }

    private mutating func declarations(
        _ action: ActionSyntax,
        _ namespace: Text?
    ) throws(SyntaxFailure) -> [ActionDeclaration] {
        var parents: Set<EntityUID> = []
        for parent in action.parents { parents.insert(try actionUID(parent, namespace)) }
        var principals: Set<EntityType> = []
        for name in action.principals { principals.insert(try entityType(name, namespace)) }
        var resources: Set<EntityType> = []
        for name in action.resources { resources.insert(try entityType(name, namespace)) }
        let context = try context(action.context, namespace, action.names)
        return action.names.map { name in
            ActionDeclaration(
                uid: Self.action(name.text, namespace),
                parents: parents.sorted(),
                ancestors: [],
                principals: principals.sorted(),
                resources: resources.sorted(),
                context: context
            )
        }
    }

    private mutating func context(
        _ syntax: TypeSyntax?,
        _ namespace: Text?,
        _ names: [NameSyntax]
    ) throws(SyntaxFailure) -> RecordType {
        guard let syntax else { return .empty }
        guard case .record(let record) = try type(syntax, namespace).type else {
            let range = names.first?.range ?? ByteRange(start: 0, end: 0)
            throw SyntaxFailure(.invalidDeclaration, "the context of an action has to be a record", range)
        }
        return record
    }

    private func actionUID(_ reference: ActionReferenceSyntax, _ namespace: Text?) throws(SyntaxFailure) -> EntityUID {
        for candidate in Self.candidates(reference.type ?? "Action", namespace) {
            let uid = EntityUID(type: EntityType(checked: candidate), id: reference.name.text)
            if actions[uid] != nil { return uid }
        }
        let guess = Suggestion.nearest(to: reference.name.text, among: actions.keys.sorted().map(\.id))
        let quoted = guess.map { Text(Escapes.quoted($0)) }
        let message = "there is no action `\(reference.name.text)`"
        throw SyntaxFailure(.unknownAction, message, reference.name.range, replacement: quoted)
    }

    /// Computes the ancestors of actions.
    private mutating func close(_ actions: [ActionDeclaration]) -> [ActionDeclaration]? {
        do throws(EntitiesError) {
            let store = try Entities(actions.map { Entity(uid: $0.uid, parents: $0.parents) })
            return actions.map { action in
                ActionDeclaration(
                    uid: action.uid,
                    parents: action.parents,
                    ancestors: store.ancestors(of: action.uid).sorted(),
                    principals: action.principals,
                    resources: action.resources,
                    context: action.context
                )
            }
        } catch {
            let range: ByteRange?
            switch error {
            case .cycle(let uid), .duplicate(let uid), .tooManyAncestors(let uid): range = self.actions[uid]
            case .tooManyEntities: range = nil
            }
            fail(.cycle, "\(error)", range ?? ByteRange(start: 0, end: 0))
            return nil
        }
    }
}
