import Bytes

extension Evaluator {
    func equal(_ node: Node) throws(EvaluationError) -> Bool {
        let left = try evaluate(node.a)
        return left == (try evaluate(node.b))
    }

    /// `<` and its relatives, on integers, instants and lengths of time, both sides alike.
    func compare(_ node: Node) throws(EvaluationError) -> Bool {
        let left = try evaluate(node.a)
        let right = try evaluate(node.b)
        switch left {
        case .long(let value): return try Self.compare(node.operation, value, right.asLong())
        case .datetime(let value): return try Self.compare(node.operation, value, right.asDatetime())
        case .duration(let value): return try Self.compare(node.operation, value, right.asDuration())
        case .bool, .string, .entity, .set, .record, .decimal, .ipaddr:
            throw .type(expected: [.long, .datetime, .duration], found: left.kind)
        }
    }

    private static func compare<Item: Comparable>(_ operation: Operation, _ left: Item, _ right: Item) -> Bool {
        if operation == .less { return left < right }
        if operation == .lessEqual { return left <= right }
        return operation == .greater ? left > right : left >= right
    }

    func isIn(_ first: Int32, _ second: Int32) throws(EvaluationError) -> Bool {
        let left = try evaluate(first)
        let right = try evaluate(second)
        return try isDescendant(try left.asEntity(), of: right)
    }

    private func isDescendant(_ uid: EntityUID, of group: Value) throws(EvaluationError) -> Bool {
        switch group {
        case .entity(let ancestor): return entities.isDescendant(uid, of: ancestor)
        case .set(let groups):
            // Every member has to be an entity, also behind one that matches.
            var found = false
            for member in groups.elements {
                let ancestor = try member.asEntity()
                found = found || entities.isDescendant(uid, of: ancestor)
            }
            return found
        case .bool, .long, .string, .record, .decimal, .ipaddr, .datetime, .duration:
            throw .type(expected: [.entity, .set], found: group.kind)
        }
    }

    func isType(_ node: Node) throws(EvaluationError) -> Bool {
        try evaluate(node.a).asEntity().type == arena.types[Int(node.b)]
    }

    /// `e is T in g` means `e is T && e in g`.
    func isTypeIn(_ node: Node) throws(EvaluationError) -> Bool {
        let uid = try evaluate(node.a).asEntity()
        guard uid.type == arena.types[Int(node.b)] else { return false }
        return try isDescendant(uid, of: try evaluate(node.c))
    }

    func like(_ node: Node) throws(EvaluationError) -> Bool {
        arena.patterns[Int(node.b)].matches(try evaluate(node.a).asString())
    }

    func contains(_ node: Node) throws(EvaluationError) -> Bool {
        let set = try evaluate(node.a)
        let member = try evaluate(node.b)
        return try set.asSet().contains(member)
    }

    func containsMany(_ node: Node) throws(EvaluationError) -> Bool {
        let left = try evaluate(node.a)
        let right = try evaluate(node.b)
        let set = try left.asSet()
        let other = try right.asSet()
        return node.operation == .containsAll ? set.containsAll(other) : set.containsAny(other)
    }

    func hasTag(_ node: Node) throws(EvaluationError) -> Bool {
        let entity = try evaluate(node.a)
        let tag = try evaluate(node.b)
        let uid = try entity.asEntity()
        let name = try tag.asString()
        return entities[uid]?.tags.contains(name) ?? false
    }

    func getTag(_ node: Node) throws(EvaluationError) -> Value {
        let value = try evaluate(node.a)
        let tag = try evaluate(node.b)
        let uid = try value.asEntity()
        let name = try tag.asString()
        guard let entity = entities[uid] else { throw .entityDoesNotExist(uid) }
        guard let result = entity.tags[name] else { throw .entityTagDoesNotExist(uid, tag: name) }
        return result
    }

    /// A chain of attribute accesses.
    func access(_ node: Node) throws(EvaluationError) -> Value {
        var value = try evaluate(node.a)
        for place in Int(node.b)..<Int(node.b + node.c) {
            value = try attribute(arena.names[Int(arena.children[place])], of: value)
        }
        return value
    }

    private func attribute(_ name: Text, of value: Value) throws(EvaluationError) -> Value {
        switch value {
        case .record(let record):
            guard let result = record[name] else { throw .recordAttributeDoesNotExist(attribute: name) }
            return result
        case .entity(let uid):
            guard let entity = entities[uid] else { throw .entityDoesNotExist(uid) }
            guard let result = entity.attributes[name] else { throw .entityAttributeDoesNotExist(uid, attribute: name) }
            return result
        case .bool, .long, .string, .set, .decimal, .ipaddr, .datetime, .duration:
            throw .type(expected: [.record, .entity], found: value.kind)
        }
    }

    /// `e has a.b.c` means `e has a && e.a has b && e.a.b has c` (RFC 62).
    func has(_ node: Node) throws(EvaluationError) -> Bool {
        var value = try evaluate(node.a)
        for place in Int(node.b)..<Int(node.b + node.c) {
            let name = arena.names[Int(arena.children[place])]
            let fields: Record?
            switch value {
            case .record(let record): fields = record
            case .entity(let uid): fields = entities[uid]?.attributes
            case .bool, .long, .string, .set, .decimal, .ipaddr, .datetime, .duration:
                throw .type(expected: [.record, .entity], found: value.kind)
            }
            guard let next = fields?[name] else { return false }
            value = next
        }
        return true
    }
}
