import Bytes

extension PartialEvaluator {
    // MARK: Membership

    /// Whether an entity is one of the others or in one of them; `nil` if that is not known.
    mutating func isIn(_ uid: EntityUID, _ groups: [EntityUID]) -> Bool? {
        if groups.isEmpty { return false }
        if groups.contains(uid) { return true }
        let ancestors = entities.ancestors(of: uid)
        if groups.contains(where: ancestors.found.contains) { return true }
        for missing in ancestors.missing { need(missing) }
        return ancestors.missing.isEmpty ? false : nil
    }

    mutating func isIn(_ node: Node, _ index: Int32) throws(ResidualBuilder.Failure) -> PartialResult {
        try isIn(try results([node.a, node.b]), [node.a, node.b], node, index)
    }

    /// `e in g`, or `e is T in g` of which the test of the type holds or is not known.
    private mutating func isIn(
        _ results: [PartialResult],
        _ indexes: [Int32],
        _ node: Node,
        _ index: Int32
    ) throws(ResidualBuilder.Failure) -> PartialResult {
        var isFailing = results[0].isFailure
        // The group of `e is T in g` is evaluated only if the test of the type holds.
        if node.operation == .in { isFailing = isFailing || results[1].isFailure }
        if let left = results[0].value, let right = results[1].value {
            if case .entity(let uid) = left, let groups = Self.groups(right) {
                if let answer = isIn(uid, groups) { return .value(.bool(answer)) }
            } else {
                isFailing = true
            }
        }
        let operands = try nodes(results, indexes)
        var made = Node(operation: .in, a: operands[0], b: operands[1])
        if node.operation == .isIn {
            let type = builder.type(arena.types[Int(node.b)])
            made = Node(operation: .isIn, a: operands[0], b: type, c: operands[1])
        }
        let root = try builder.add(made, over: operands, types[index])
        return isFailing ? .failure(root) : .residual(root, canFail: results.contains(where: \.canFail))
    }

    /// The entities of the right side of `in`; `nil` if it holds anything else.
    private static func groups(_ value: Value) -> [EntityUID]? {
        switch value {
        case .entity(let uid): return [uid]
        case .set(let set):
            let groups = set.elements.compactMap { element -> EntityUID? in
                if case .entity(let uid) = element { uid } else { nil }
            }
            return groups.count == set.elements.count ? groups : nil
        case .bool, .long, .string, .record, .decimal, .ipaddr, .datetime, .duration: return nil
        }
    }

    // MARK: Types of entities

    /// The type of an entity that is known, or is a variable: the types of principal and resource always are.
    private func entityType(_ result: PartialResult, _ index: Int32) -> EntityType? {
        if case .value(.entity(let uid)) = result { return uid.type }
        let node = arena.nodes[Int(index)]
        guard case .residual = result, node.operation == .variable else { return nil }
        switch Variable(rawValue: node.a) {
        case .principal: return request.principal.type
        case .resource: return request.resource.type
        case .action, .context, nil: return nil
        }
    }

    mutating func isType(_ node: Node, _ index: Int32) throws(ResidualBuilder.Failure) -> PartialResult {
        let result = try evaluate(node.a)
        let type = arena.types[Int(node.b)]
        if let found = entityType(result, node.a) { return .value(.bool(found == type)) }
        let operand = try builder.node(result, types[node.a])
        let made = Node(operation: .is, a: operand, b: builder.type(type))
        let root = try builder.add(made, over: [operand], types[index])
        switch result {
        case .residual(_, let canFail): return .residual(root, canFail: canFail)
        case .value, .failure: return .failure(root)
        }
    }

    /// `e is T in g` means `e is T && e in g`.
    mutating func isTypeIn(_ node: Node, _ index: Int32) throws(ResidualBuilder.Failure) -> PartialResult {
        let result = try evaluate(node.a)
        let found = entityType(result, node.a)
        if let found, found != arena.types[Int(node.b)] { return .value(.bool(false)) }
        let operation: Operation = found == nil ? .isIn : .in
        let made = Node(operation: operation, a: node.a, b: operation == .isIn ? node.b : node.c, c: node.c)
        return try isIn([result, try evaluate(node.c)], [node.a, node.c], made, index)
    }

    // MARK: Tags

    mutating func tag(_ node: Node, _ index: Int32) throws(ResidualBuilder.Failure) -> PartialResult {
        let results = try results([node.a, node.b])
        let isTest = node.operation == .hasTag
        var isFailing = results.contains(where: \.isFailure)
        if let left = results[0].value, let right = results[1].value {
            isFailing = true
            if case .entity(let uid) = left, case .string(let name) = right {
                if let tags = entities[uid]?.tags {
                    if isTest { return .value(.bool(tags.contains(name))) }
                    if let value = tags[name] { return .value(value) }
                } else {
                    need(uid)
                    isFailing = false
                }
            }
        }
        let operands = try nodes(results, [node.a, node.b])
        let made = Node(operation: node.operation, a: operands[0], b: operands[1])
        let root = try builder.add(made, over: operands, types[index])
        return isFailing ? .failure(root) : .residual(root, canFail: !isTest || results.contains(where: \.canFail))
    }

    // MARK: Attributes

    /// How far the names of an access or of a `has` could be followed.
    private enum Walk {
        /// To the end.
        case end(Value)
        /// Up to a name that is not there, or to a value that has no attributes.
        case absent
        /// Up to a value that has none.
        case mismatch
        /// Up to an entity of which the attributes are not known, before the name at this place.
        case unknown(Value, Int)
    }

    private mutating func walk(_ start: Value, _ names: [Text]) -> Walk {
        var value = start
        for (place, name) in names.enumerated() {
            let fields: Record
            switch value {
            case .record(let record): fields = record
            case .entity(let uid):
                guard let attributes = entities[uid]?.attributes else {
                    need(uid)
                    return .unknown(value, place)
                }
                fields = attributes
            case .bool, .long, .string, .set, .decimal, .ipaddr, .datetime, .duration: return .mismatch
            }
            guard let next = fields[name] else { return .absent }
            value = next
        }
        return .end(value)
    }

    mutating func access(_ node: Node, _ index: Int32) throws(ResidualBuilder.Failure) -> PartialResult {
        let names = children(node.b, node.c).map { arena.names[Int($0)] }
        let result = try evaluate(node.a)
        guard case .value(let start) = result else {
            let root = try attributes(node, names, of: result, types[node.a], index)
            return result.isFailure ? .failure(root) : .residual(root, canFail: true)
        }
        switch walk(start, names) {
        case .end(let value): return .value(value)
        case .absent, .mismatch: return .failure(try attributes(node, names, of: result, types[node.a], index))
        case .unknown(let value, let place):
            let type = place == 0 ? types[node.a] : nil
            let root = try attributes(node, Array(names[place...]), of: .value(value), type, index)
            return .residual(root, canFail: true)
        }
    }

    mutating func has(_ node: Node, _ index: Int32) throws(ResidualBuilder.Failure) -> PartialResult {
        let names = children(node.b, node.c).map { arena.names[Int($0)] }
        let result = try evaluate(node.a)
        guard case .value(let start) = result else {
            let root = try attributes(node, names, of: result, types[node.a], index)
            return result.isFailure ? .failure(root) : .residual(root, canFail: result.canFail)
        }
        // A `has` whose last name is there has followed all of them.
        switch walk(start, names) {
        case .end: return .value(.bool(true))
        case .absent: return .value(.bool(false))
        case .mismatch: return .failure(try attributes(node, names, of: result, types[node.a], index))
        case .unknown(let value, let place):
            let type = place == 0 ? types[node.a] : nil
            let root = try attributes(node, Array(names[place...]), of: .value(value), type, index)
            return .residual(root, canFail: false)
        }
    }

    /// Adds an access or a `has` with these names.
    private mutating func attributes(
        _ node: Node,
        _ names: [Text],
        of operand: PartialResult,
        _ type: InferredType?,
        _ index: Int32
    ) throws(ResidualBuilder.Failure) -> Int32 {
        let operand = try builder.node(operand, type)
        let first = builder.children(names.map { builder.name($0) })
        let made = Node(operation: node.operation, a: operand, b: first, c: Int32(names.count))
        return try builder.add(made, over: [operand], types[index])
    }
}
