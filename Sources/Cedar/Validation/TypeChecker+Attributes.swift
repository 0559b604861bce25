import Bytes

extension TypeChecker {
    /// What is known of an attribute of a type.
    private enum Lookup {
        case known(InferredRecord.Attribute)
        /// Some values of the type may have it.
        case possible
        case impossible
    }

    /// An expression on the way along a chain of accesses.
    private struct Step {
        var answer: Answer
        /// Its number, for guards.
        var shape: Int32
    }

    // MARK: Access

    /// A chain of attribute accesses.
    func access(_ index: Int32, _ node: Node, _ prior: Capabilities) -> Answer {
        var step = Step(answer: check(node.a, prior), shape: shapes.shape(of: node.a))
        for place in Int(node.b)..<Int(node.b + node.c) {
            let isFirst = place == Int(node.b)
            step = access(step, arena.names[Int(arena.children[place])], prior, at: (isFirst ? node.a : index, index))
        }
        return step.answer
    }

    private func access(
        _ step: Step,
        _ name: Text,
        _ prior: Capabilities,
        at places: (operand: Int32, whole: Int32)
    ) -> Step {
        let shape = shapes.access(step.shape, name)
        guard let type = structured(step.answer, at: places.operand) else {
            return Step(answer: .failure(), shape: shape)
        }
        var answer: Answer
        switch lookUp(name, in: type) {
        case .known(let attribute):
            let item = Capabilities.Item(expression: step.shape, name: shapes.name(name), isTag: false)
            answer = .success(attribute.type)
            if !attribute.isRequired, !prior.contains(item) {
                reportUnguarded(name, type, at: places.whole)
                answer = .failure(attribute.type)
            }
        case .possible, .impossible:
            reportUnknown(name, type, at: places.whole)
            answer = .failure()
        }
        return Step(answer: answer.after(step.answer), shape: shape)
    }

    /// The type of an answer that has to be an entity or a record; `nil`, after reporting, if it is not.
    private func structured(_ answer: Answer, at index: Int32) -> InferredType? {
        guard let type = answer.type else { return nil }
        switch type {
        case .entity, .anyEntity, .record, .never: return type
        case .set: refuse(type, "an entity or a record", at: index, "look into a set with `contains`")
        case .string: refuse(type, "an entity or a record", at: index, "look into a string with `like`")
        case .always, .bool, .long, .extension: refuse(type, "an entity or a record", at: index)
        }
        return nil
    }

    private func lookUp(_ name: Text, in type: InferredType) -> Lookup {
        switch type {
        case .record(let record):
            if let attribute = record[name] { return .known(attribute) }
            return record.isOpen ? .possible : .impossible
        case .entity(let types): return lookUp(name, in: types)
        case .never, .anyEntity: return .possible
        case .always, .bool, .long, .string, .set, .extension: return .impossible
        }
    }

    /// The attribute that entities of all these types have; what only some have is no more than possible.
    private func lookUp(_ name: Text, in types: [EntityType]) -> Lookup {
        var found: InferredRecord.Attribute?
        var isCommon = true
        var isPossible = false
        for type in types {
            guard steps.take() else { return .possible }
            guard let attribute = index.schema[type]?.attributes[name].map(InferredRecord.Attribute.init) else {
                isCommon = false
                continue
            }
            isPossible = true
            guard let other = found else {
                found = attribute
                continue
            }
            guard let bound = try? lattice.permissive.leastUpperBound(other.type, attribute.type) else {
                isCommon = false
                continue
            }
            found = .init(name: name, type: bound, isRequired: other.isRequired && attribute.isRequired)
        }
        if isCommon, let found { return .known(found) }
        return isPossible ? .possible : .impossible
    }

    /// The type of an attribute of a type, if it is known.
    func attributeType(_ name: Text, of type: InferredType) -> InferredType? {
        guard case .known(let attribute) = lookUp(name, in: type) else { return nil }
        return attribute.type
    }

    private func reportUnguarded(_ name: Text, _ type: InferredType, at index: Int32) {
        report(
            .unguardedAttribute,
            "optional attribute \(Self.shown(name)) of \(Self.shown(type)) may be missing",
            at: index,
            help: "ask for it before: `… has \(name) && …`"
        )
    }

    private func reportUnknown(_ name: Text, _ type: InferredType, at index: Int32) {
        let names = attributeNames(of: type)
        let near = Suggestion.nearest(to: name, among: names).map { "did you mean \(Self.shown($0))?" }
        let list = names.prefix(Self.namesShownMax).map(Self.shown).joined(separator: ", ")
        let known = names.isEmpty ? nil : "it has \(list)\(names.count > Self.namesShownMax ? ", …" : "")"
        report(
            .unknownAttribute,
            "\(Self.shown(type)) has no attribute \(Self.shown(name))",
            at: index,
            help: near ?? known
        )
    }

    /// The most names that a help lists.
    private static var namesShownMax: Int { 8 }

    /// The names of attributes that values of a type may have.
    func attributeNames(of type: InferredType) -> [Text] {
        switch type {
        case .record(let record): record.names
        case .entity(let types): types.flatMap { index.schema[$0]?.attributes.attributes.map(\.name) ?? [] }
        case .never, .anyEntity, .always, .bool, .long, .string, .set, .extension: []
        }
    }

    private static func shown(_ name: Text) -> String { "`\(name)`" }

    /// A type in messages about what it has; all that records are is what they have.
    private static func shown(_ type: InferredType) -> String {
        switch type {
        case .record: "the record"
        case .never, .always, .bool, .long, .string, .set, .entity, .anyEntity, .extension: "`\(type.name)`"
        }
    }

    // MARK: Has

    /// `e has a.b.c` means `e has a && e.a has b && e.a.b has c` (RFC 62).
    func has(_ node: Node, _ prior: Capabilities) -> Answer {
        var step = Step(answer: check(node.a, prior), shape: shapes.shape(of: node.a))
        var result: Answer?
        for place in Int(node.b)..<Int(node.b + node.c) {
            let name = arena.names[Int(arena.children[place])]
            let known = prior.union(result?.capabilities ?? .none, steps)
            let answer = has(step, name, known, at: node.a)
            let all = result.map { conjunction($0, answer) } ?? answer
            if all.type?.isAlwaysFalse == true { return all }
            result = all
            guard place + 1 < Int(node.b + node.c) else { break }
            step = access(step, name, known.union(all.capabilities, steps), at: (node.a, node.a))
        }
        return result ?? .failure(.bool)
    }

    private func has(_ step: Step, _ name: Text, _ prior: Capabilities, at index: Int32) -> Answer {
        guard let type = structured(step.answer, at: index) else { return .failure(.bool) }
        let item = Capabilities.Item(expression: step.shape, name: shapes.name(name), isTag: false)
        let answer: Answer
        switch lookUp(name, in: type) {
        case .known(let attribute):
            // An entity need not exist, and one that does not has no attributes at all.
            var isRecord = false
            if case .record = type { isRecord = true }
            let isCertain = prior.contains(item) || (attribute.isRequired && isRecord)
            answer = .success(isCertain ? .always(true) : .bool, Capabilities(item))
        case .possible: answer = .success(.bool)
        case .impossible: answer = .success(.always(false))
        }
        return answer.after(step.answer)
    }
}
