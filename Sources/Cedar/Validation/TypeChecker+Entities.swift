import Bytes

extension TypeChecker {
    // MARK: Membership and type tests

    /// `a in b`, always true or false where the schema's actions or types decide it.
    func isIn(_ first: Int32, _ second: Int32, _ prior: Capabilities) -> Answer {
        let left = expect(.anyEntity, first, prior) { _ in "look into a set with `contains`" }
        return isIn(first, left, second, prior)
    }

    /// `a in b`, of whose left side is known what it is.
    private func isIn(_ first: Int32, _ left: Answer, _ second: Int32, _ prior: Capabilities) -> Answer {
        let right = expectGroup(second, prior)
        guard left.isSuccess, right.isSuccess else { return .failure(.bool) }
        if let action = literalEntity(first), action.type.isAction, let groups = literalEntities(second) {
            return actionIn(action, groups)
        }
        guard case .entity(let types)? = left.type, let groups = Self.entityTypes(right.type) else {
            return .success(.bool)
        }
        guard steps.take(types.count * groups.count) else { return .failure(.bool) }
        let isPossible = types.contains { type in groups.contains { index.mayBeIn(type, $0) } }
        return .success(isPossible ? .bool : .always(false))
    }

    private func expectGroup(_ index: Int32, _ prior: Capabilities) -> Answer {
        let answer = check(index, prior)
        guard let type = answer.type else { return answer }
        if lattice.permissive.isSubtype(type, .anyEntity) || lattice.permissive.isSubtype(type, .set(.anyEntity)) {
            return answer
        }
        let help: String?
        switch type {
        case .set: help = "look into a set with `contains`"
        case .string: help = "look into a string with `like`"
        case .never, .always, .bool, .long, .record, .entity, .anyEntity, .extension: help = nil
        }
        refuse(type, "an entity or a set of entities", at: index, help)
        return .failure()
    }

    /// What an action is in, the schema says; it is never in anything but actions.
    private func actionIn(_ action: EntityUID, _ groups: [EntityUID]) -> Answer {
        let actions = groups.filter(\.type.isAction)
        guard !actions.isEmpty else { return .success(.always(false)) }
        guard let isIn = index.isAction(action, inAnyOf: actions) else { return .failure(.bool) }
        return .success(.always(isIn))
    }

    /// The entities that an expression, or each member of a set, always is.
    private func literalEntities(_ index: Int32) -> [EntityUID]? {
        if let uid = literalEntity(index) { return [uid] }
        let node = arena.nodes[Int(index)]
        guard node.operation == .set else { return nil }
        let members = children(node.a, node.b)
        let uids = members.compactMap(literalEntity)
        return uids.count == members.count ? uids : nil
    }

    private static func entityTypes(_ type: InferredType?) -> [EntityType]? {
        switch type {
        case .entity(let types)?, .set(.some(.entity(let types)))?: types
        case .never?, .always?, .bool?, .long?, .string?, .set?, .record?, .anyEntity?, .extension?, nil: nil
        }
    }

    func isType(_ operand: Int32, _ type: EntityType, _ prior: Capabilities) -> Answer {
        isType(expect(.anyEntity, operand, prior, help: Self.typeTestHelp), type)
    }

    private static func typeTestHelp(_ type: InferredType) -> String? { "only entities have a type to test for" }

    private func isType(_ answer: Answer, _ type: EntityType) -> Answer {
        guard case .entity(let types)? = answer.type else { return .failure(.bool) }
        let result: InferredType = !types.contains(type) ? .always(false) : types == [type] ? .always(true) : .bool
        return Answer.success(result).after(answer)
    }

    /// `e is T in g` means `e is T && e in g`; `e` is looked at once, so that nesting does not double the work.
    func isTypeIn(_ node: Node, _ prior: Capabilities) -> Answer {
        let operand = expect(.anyEntity, node.a, prior, help: Self.typeTestHelp)
        let isType = isType(operand, arena.types[Int(node.b)])
        if isType.type?.isAlwaysFalse == true { return isType }
        return conjunction(isType, isIn(node.a, operand, node.c, prior))
    }

    // MARK: Tags

    func hasTag(_ node: Node, _ prior: Capabilities) -> Answer {
        let entity = expect(.anyEntity, node.a, prior)
        let tag = expect(.string, node.b, prior)
        guard let types = tagTypes(entity.type) else { return .failure() }
        let item = Capabilities.Item(expression: shapes.shape(of: node.a), name: shapes.shape(of: node.b), isTag: true)
        let type: InferredType = types.isEmpty ? .always(false) : prior.contains(item) ? .always(true) : .bool
        return Answer.success(type, Capabilities(item)).after(tag).after(entity)
    }

    func getTag(_ index: Int32, _ node: Node, _ prior: Capabilities) -> Answer {
        let entity = expect(.anyEntity, node.a, prior)
        let tag = expect(.string, node.b, prior)
        guard let types = tagTypes(entity.type) else { return .failure() }
        let item = Capabilities.Item(expression: shapes.shape(of: node.a), name: shapes.shape(of: node.b), isTag: true)
        guard prior.contains(item) else {
            report(
                .unguardedTag,
                "the tag may be missing\(Self.place(entity.type))",
                at: index,
                help: "ask for it before: `….hasTag(…) && …`"
            )
            return .failure()
        }
        guard !types.isEmpty else {
            report(.tagsNotDeclared, "no tags are declared\(Self.place(entity.type))", at: index)
            return .failure()
        }
        guard let type = bound(types.map { InferredType($0) }, at: index, "the tags of these entity types") else {
            return .failure()
        }
        return Answer.success(type).after(tag).after(entity)
    }

    /// The types of an entity's tags; `nil` if it is no entity.
    private func tagTypes(_ type: InferredType?) -> [SchemaType]? {
        switch type {
        case .entity(let types)?: index.tagTypes(of: types)
        case .anyEntity?: index.allTagTypes
        case .never?, .always?, .bool?, .long?, .string?, .set?, .record?, .extension?, nil: nil
        }
    }

    private static func place(_ type: InferredType?) -> String {
        guard let type else { return "" }
        return " on `\(type.name)`"
    }
}
