import Bytes

/// What has to be found at paths, so that expressions have a value: an intersection for each path.
struct PathDemands: Hashable {
    private(set) var kinds: [Int32: CellKinds] = [:]

    /// No demand at all.
    static let none = PathDemands()

    init() {}

    init(_ path: Int32, _ kinds: CellKinds) {
        self.kinds = [path: kinds]
    }

    /// Both demands, or `nil` if nothing can meet them.
    func and(_ other: PathDemands) -> PathDemands? {
        var both = self
        for (path, wanted) in other.kinds {
            let kinds = both.kinds[path].map { $0.intersection(wanted) } ?? wanted
            guard !kinds.isEmpty else { return nil }
            both.kinds[path] = kinds
        }
        return both
    }

    /// The demands in the order of the paths.
    var sorted: [GuardRow] { kinds.sorted { $0.key < $1.key }.map { GuardRow(path: $0.key, kinds: $0.value) } }
}

/// Shows under which demands on attributes an expression cannot fail.
///
/// The answer `nil` is always right; demands are right if, whenever they hold, the plain evaluator finds a value.
/// Evaluation may stop before it reaches a part: then the demands of that part are more than is needed.
struct ConditionSafety {
    let arena: ExpressionArena
    let code: ProgramCode
    /// Attributes that an earlier conjunct of the same policy has asked for with `has`.
    ///
    /// One that is missing is no error then: the earlier conjunct does not hold, and later ones are not evaluated.
    private var asked: Set<AttributeChain> = []

    init(_ arena: ExpressionArena, _ code: ProgramCode) {
        self.arena = arena
        self.code = code
    }

    /// The demands under which an expression is a truth value.
    func truth(_ index: Int32) -> PathDemands? {
        let node = arena.nodes[Int(index)]
        switch node.operation {
        case .constant, .variable, .access: return value(index, .bool)
        case .and, .or: return all(arena.children[Int(node.a)..<Int(node.a + node.b)].map { truth($0) })
        case .not: return truth(node.a)
        case .ifThenElse: return all([truth(node.a), truth(node.b), truth(node.c)])
        case .equal, .notEqual: return all([value(node.a, .any), value(node.b, .any)])
        case .less, .lessEqual, .greater, .greaterEqual: return comparison(node)
        case .in: return all([value(node.a, .entity), value(node.b, [.entity, .entitySet])])
        case .contains: return all([value(node.a, Self.sets), value(node.b, .any)])
        case .containsAll, .containsAny: return all([value(node.a, Self.sets), value(node.b, Self.sets)])
        case .isEmpty: return value(node.a, Self.sets)
        case .hasTag: return all([value(node.a, .entity), value(node.b, .string)])
        case .has: return has(node)
        case .like: return value(node.a, .string)
        case .is: return value(node.a, .entity)
        case .isIn: return all([value(node.a, .entity), value(node.c, [.entity, .entitySet])])
        case .call: return call(node, .bool)
        case .negate, .arithmetic, .getTag, .set, .record: return nil
        }
    }

    /// Takes note that a conjunct that cannot fail holds where later ones are evaluated.
    mutating func assume(_ conjunct: Conjunct) {
        let node = arena.nodes[Int(conjunct.root)]
        guard conjunct.isPositive, node.operation == .has, let chain = AttributeChain(node.a, in: arena) else {
            return
        }
        var names: [Text] = []
        for name in arena.children[Int(node.b)..<Int(node.b + node.c)] {
            names.append(arena.names[Int(name)])
            asked.insert(chain.appending(names))
        }
    }

    private static let sets: CellKinds = [.set, .entitySet]

    /// The demands under which an expression has a value of one of those kinds.
    private func value(_ index: Int32, _ kinds: CellKinds) -> PathDemands? {
        let node = arena.nodes[Int(index)]
        switch node.operation {
        case .constant:
            return kinds.contains(CellKinds(of: arena.constants[Int(node.a)])) ? PathDemands.none : nil
        case .variable:
            return kinds.contains(node.a == Variable.context.rawValue ? .record : .entity) ? PathDemands.none : nil
        case .access:
            guard let chain = AttributeChain(index, in: arena), let path = code.knownPath(chain) else { return nil }
            return PathDemands(path, asked.contains(chain) ? kinds.union(.absent) : kinds)
        case .ifThenElse: return all([truth(node.a), value(node.b, kinds), value(node.c, kinds)])
        case .call: return call(node, kinds)
        case .and, .or, .not, .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual, .in, .contains,
            .containsAll, .containsAny, .hasTag, .isEmpty, .has, .like, .is, .isIn:
            return kinds.contains(.bool) ? truth(index) : nil
        case .negate, .arithmetic, .getTag, .set, .record: return nil
        }
    }

    private func all(_ demands: [PathDemands?]) -> PathDemands? {
        var all = PathDemands.none
        for demand in demands {
            guard let demand, let both = all.and(demand) else { return nil }
            all = both
        }
        return all
    }

    /// Both sides have to be of one kind that has an order.
    private func comparison(_ node: Node) -> PathDemands? {
        for kind in [CellKinds.long, .datetime, .duration] {
            let sides = [node.a, node.b]
            // Of two paths it is not known which kind they will have; most are integers.
            if let demands = all(sides.map { value($0, kind) }) { return demands }
        }
        return nil
    }

    private func has(_ node: Node) -> PathDemands? {
        guard let chain = AttributeChain(node.a, in: arena) else { return nil }
        var demands = value(node.a, [.entity, .record])
        var names: [Text] = []
        for name in arena.children[Int(node.b)..<Int(node.b + node.c - 1)] {
            names.append(arena.names[Int(name)])
            guard let path = code.knownPath(chain.appending(names)) else { return nil }
            demands = all([demands, PathDemands(path, [.entity, .record, .absent])])
        }
        return demands
    }

    /// Calls that have a result for all arguments of the right kinds.
    private func call(_ node: Node, _ kinds: CellKinds) -> PathDemands? {
        let arguments = arena.children[Int(node.b)..<Int(node.b + node.c)]
        guard let function = ExtensionFunction(rawValue: node.a), arguments.count == function.arity,
            let (argument, result) = Self.total(function), kinds.contains(result)
        else { return nil }
        return all(arguments.map { value($0, argument) })
    }

    /// The kinds of the arguments and of the result of a function that always has one.
    private static func total(_ function: ExtensionFunction) -> (argument: CellKinds, result: CellKinds)? {
        switch function {
        case .lessThan, .lessThanOrEqual, .greaterThan, .greaterThanOrEqual: (.decimal, .bool)
        case .isIpv4, .isIpv6, .isLoopback, .isMulticast, .isInRange: (.ipaddr, .bool)
        case .toTime: (.datetime, .duration)
        case .toMilliseconds, .toSeconds, .toMinutes, .toHours, .toDays: (.duration, .long)
        case .decimal, .ip, .datetime, .duration, .offset, .durationSince, .toDate: nil
        }
    }
}
