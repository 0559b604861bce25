import Bytes

/// The lint of a policy's conditions in one request environment.
///
/// Recursion is bounded by that of expressions. Expressions without a type are never evaluated, and do not count.
struct ExpressionLint {
    let lint: PolicyLint
    let checker: TypeChecker
    let types: [Int32: InferredType]
    /// The attributes that `has` asks for somewhere.
    let guarded: Set<Capabilities.Item>

    private var arena: ExpressionArena { checker.arena }

    /// Lints a condition, given what lets through.
    func walk(_ index: Int32, _ opening: PolicyLint.Opening) {
        guard types[index] != nil, checker.steps.take() else { return }
        let node = arena.nodes[Int(index)]
        switch node.operation {
        case .and, .or: for child in checker.children(node.a, node.b) { walk(child, opening) }
        case .not: walk(node.a, opening.negated)
        case .ifThenElse: conditional(node, opening)
        case .equal: equality(index, node, opening)
        case .notEqual: equality(index, node, opening.negated)
        case .like: if opening.contains(.whenFalse) { warnOfText(index, node.a) }
        case .contains, .containsAll, .containsAny: if opening.contains(.whenFalse) { membersOfSet(index, node) }
        case .has: presence(index, node, opening)
        case .hasTag: if opening.isAnyAbsenceOpen { warnOfTag(index) }
        case .in: if opening.contains(.whenFalse) { membership(index, node.b, node.a) }
        case .isIn: if opening.contains(.whenFalse) { membership(index, node.c, node.a) }
        case .constant, .variable, .negate, .less, .lessEqual, .greater, .greaterEqual, .getTag, .isEmpty, .arithmetic,
            .access, .is, .set, .record, .call:
            break
        }
        failures(index, node)
    }

    /// An `if` says what holds when its test is false, unless that is nothing: `if a then b else false` is `a && b`.
    private func conditional(_ node: Node, _ opening: PolicyLint.Opening) {
        let isConjunction = types[node.c]?.isAlwaysFalse ?? false
        walk(node.a, isConjunction ? opening : [.whenFalse, .whenTrue, .isPresenceDecided])
        walk(node.b, opening)
        walk(node.c, opening)
    }

    // MARK: Texts

    /// Two truth values that are compared matter whichever they are; a text matters when it is another one.
    private func equality(_ index: Int32, _ node: Node, _ opening: PolicyLint.Opening) {
        if case .bool? = types[node.a] {
            walk(node.a, [.whenFalse, .whenTrue])
            walk(node.b, [.whenFalse, .whenTrue])
        }
        guard opening.contains(.whenFalse) else { return }
        if isTextLiteral(node.b) { warnOfText(index, node.a) }
        if isTextLiteral(node.a) { warnOfText(index, node.b) }
    }

    private func isTextLiteral(_ index: Int32) -> Bool {
        let node = arena.nodes[Int(index)]
        guard node.operation == .constant, case .string = arena.constants[Int(node.a)] else { return false }
        return true
    }

    private func isSetOfTextLiterals(_ index: Int32) -> Bool {
        let node = arena.nodes[Int(index)]
        return node.operation == .set && checker.children(node.a, node.b).contains(where: isTextLiteral)
    }

    private func warnOfText(_ index: Int32, _ operand: Int32) {
        guard case .string? = types[operand], !isTextLiteral(operand) else { return }
        lint.warn(
            .freeText,
            "\(lint.failure) when the text is spelt in another way: case, spaces and equivalent letters count",
            at: index,
            help:
                "compare with an enumerated entity type or a type of its own, or turn the rule round, so that it lists"
                + " what may pass"
        )
    }

    private func membersOfSet(_ index: Int32, _ node: Node) {
        if isTextLiteral(node.b) || isSetOfTextLiterals(node.b) {
            guard case .set(.some(.string))? = types[node.a], !isSetOfTextLiterals(node.a) else { return }
            warnOfTextIn(index)
        } else if isSetOfTextLiterals(node.a), node.operation == .contains {
            warnOfText(index, node.b)
        } else if isSetOfTextLiterals(node.a) {
            guard case .set(.some(.string))? = types[node.b] else { return }
            warnOfTextIn(index)
        }
    }

    private func warnOfTextIn(_ index: Int32) {
        lint.warn(
            .freeText,
            "\(lint.failure) when a text of the set is spelt in another way: case, spaces and equivalent letters count",
            at: index,
            help: "compare with entities of an enumerated type, or turn the rule round, so that it lists what may pass"
        )
    }

    // MARK: Presence

    private func presence(_ index: Int32, _ node: Node, _ opening: PolicyLint.Opening) {
        let names = checker.children(node.b, node.c).map { arena.names[Int($0)] }
        guard var type = types[node.a] else { return }
        for name in names {
            guard let next = checker.attributeType(name, of: type) else { return warnOfNever(index, name, type) }
            if opening.isAnyAbsenceOpen, checker.mayLack(name, type) {
                return warnOfGuard(index, name, type)
            }
            type = next
        }
    }

    private func warnOfNever(_ index: Int32, _ name: Text, _ type: InferredType) {
        let near = Suggestion.nearest(to: name, among: checker.attributeNames(of: type))
        lint.warn(
            .neverPresent,
            "`has \(name)` is always false: no such attribute is declared",
            at: index,
            help: near.map { "did you mean `\($0)`?" } ?? "declare the attribute, or leave the condition out"
        )
    }

    private func warnOfGuard(_ index: Int32, _ name: Text, _ type: InferredType) {
        let others = checker.attributeNames(of: type).filter { $0 != name }
        let near = Suggestion.nearest(to: name, among: others).map { "; did you mean `\($0)`?" } ?? ""
        let example = lint.example("… has \(name)")
        lint.warn(
            .optionalGuard,
            "\(lint.failure) when `\(name)` is missing",
            at: index,
            help: "make the attribute required, or say what holds without it: `\(example)`\(near)"
        )
    }

    private func warnOfTag(_ index: Int32) {
        lint.warn(
            .optionalGuard,
            "\(lint.failure) when the tag is missing",
            at: index,
            help: "make it a required attribute, or say what holds without it: `\(lint.example("….hasTag(…)"))`"
        )
    }

    // MARK: Membership

    private func membership(_ index: Int32, _ group: Int32, _ member: Int32) {
        guard let known = lint.membership else { return }
        let node = arena.nodes[Int(group)]
        let literals = node.operation == .set ? checker.children(node.a, node.b).map(\.self) : [group]
        let uids = literals.compactMap(checker.literalEntity)
        if uids.count == literals.count {
            // An entity is in itself, whatever is known of others.
            guard !uids.contains(where: { isOfType($0.type, member) }) else { return }
            let missing = uids.filter { !$0.type.isAction && !known.hasMembers($0) }
            guard missing.count == uids.count, let first = missing.first else { return }
            lint.warnOfGroup(first, at: checker.policySet.sourceRange(ofNode: index) ?? lint.policy.range)
            return
        }
        guard let types = groupTypes(group), !types.contains(where: { isOfType($0, member) }),
            !known.hasMembers(anyOf: types)
        else { return }
        let names = types.map { "`\($0)`" }.joined(separator: " or ")
        lint.warn(
            .unsuppliedGroup,
            "\(lint.failure) for anybody: no known entity is in any \(names)",
            at: index,
            help: "supply the members among the entities"
        )
    }

    private func isOfType(_ type: EntityType, _ index: Int32) -> Bool {
        guard case .entity(let types)? = types[index] else { return false }
        return types.contains(type)
    }

    private func groupTypes(_ index: Int32) -> [EntityType]? {
        switch types[index] {
        case .entity(let types)?, .set(.some(.entity(let types)))?: types
        case .never?, .always?, .bool?, .long?, .string?, .set?, .record?, .anyEntity?, .extension?, nil: nil
        }
    }

    // MARK: Failures

    /// Warns of what may have no value in a condition, and all that is in it.
    ///
    /// Stock engines skip a policy that fails: a `forbid` does not bite then.
    private func failures(_ index: Int32, _ node: Node) {
        guard lint.policy.effect == .forbid else { return }
        switch node.operation {
        case .and, .or, .not, .ifThenElse: return
        case .arithmetic, .negate: warnOfOverflow(index)
        case .call: warnOfCall(index, node)
        case .access: warnOfDangling(index, node)
        case .constant, .variable, .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual, .in, .contains,
            .containsAll, .containsAny, .hasTag, .getTag, .isEmpty, .has, .like, .is, .isIn, .set, .record:
            break
        }
        arena.visitOperands(of: node) { operand in
            guard types[operand] != nil, checker.steps.take() else { return }
            failures(operand, arena.nodes[Int(operand)])
        }
    }

    private func warnOfOverflow(_ index: Int32) {
        lint.warn(
            .mayOverflow,
            "the `forbid` has no value when the result does not fit in 64 bits",
            at: index,
            help: "compare without arithmetic, or bound the operands before: `a < 1000 && a + 1 > b`"
        )
    }

    private func warnOfCall(_ index: Int32, _ node: Node) {
        let mayFail: [ExtensionFunction] = [.offset, .durationSince, .toDate]
        guard let function = ExtensionFunction(rawValue: node.a), mayFail.contains(function) else { return }
        lint.warn(
            .mayOverflow,
            "the `forbid` has no value when the result of `\(function.name)` is out of range",
            at: index,
            help: "compare the instants themselves"
        )
    }

    /// An attribute of an entity that another one names; the principal and the resource are there, or nobody asks.
    private func warnOfDangling(_ index: Int32, _ node: Node) {
        guard var type = types[node.a] else { return }
        var shape = checker.shapes.shape(of: node.a)
        var isRequested = arena.nodes[Int(node.a)].operation == .variable
        for child in checker.children(node.b, node.c) {
            let name = arena.names[Int(child)]
            let item = Capabilities.Item(expression: shape, name: checker.shapes.name(name), isTag: false)
            if case .entity(let types) = type, !isRequested, !guarded.contains(item) {
                lint.warn(
                    .danglingEntity,
                    "the `forbid` has no value when the `\(types[0])` does not exist",
                    at: index,
                    help: "ask before, and say what holds without it: `\(lint.example("… has \(name)"))`"
                )
                return
            }
            guard let next = checker.attributeType(name, of: type) else { return }
            // What the context names need not exist, nor what an entity names.
            isRequested = false
            type = next
            shape = checker.shapes.access(shape, name)
        }
    }
}

extension TypeChecker {
    /// Whether a value of a type may lack an attribute that the type declares: an optional one, or any of an entity.
    func mayLack(_ name: Text, _ type: InferredType) -> Bool {
        switch type {
        case .record(let record): !(record[name]?.isRequired ?? false)
        case .entity(let types): types.contains { index.schema[$0]?.attributes[name]?.isRequired != true }
        case .never, .always, .bool, .long, .string, .set, .anyEntity, .extension: false
        }
    }
}

extension PolicyLint.Opening {
    /// Whether something that is missing lets more through, and nobody has said that it should.
    fileprivate var isAnyAbsenceOpen: Bool { contains(.whenFalse) && !contains(.isPresenceDecided) }
}
