import Bytes

/// Keys of one dimension, one of which a request must have, so that an expression can hold.
struct KeyDemand {
    let subject: Int32
    let isType: Bool
    var keys: [Int64]
}

/// An integer that a path must reach, or must not exceed, so that an expression can hold.
struct KeyBound {
    let path: Int32
    let isLower: Bool
    let limit: Int64
}

/// Finds what an expression asks of variables and paths by equality and membership.
struct ConditionKeys {
    let arena: ExpressionArena
    let code: ProgramCode
    var symbols: ProgramSymbols

    /// The most keys of one demand; a longer list is not looked up, but evaluated.
    static let keysMax = 64
    /// The most demands of one expression; further ones are not looked up, but evaluated.
    static let demandsMax = 16

    /// Demands that are met whenever the expression is true; they need not be enough for it.
    mutating func demands(_ index: Int32) -> [KeyDemand] {
        let node = arena.nodes[Int(index)]
        switch node.operation {
        case .and:
            var demands: [KeyDemand] = []
            for child in arena.children[Int(node.a)..<Int(node.a + node.b)] where demands.count < Self.demandsMax {
                demands += self.demands(child)
            }
            return demands
        case .or: return alternatives(arena.children[Int(node.a)..<Int(node.a + node.b)])
        case .equal: return equal(node.a, node.b) ?? equal(node.b, node.a) ?? []
        case .in: return isIn(node.a, node.b)
        case .is:
            guard let subject = subject(node.a) else { return [] }
            return [KeyDemand(subject: subject, isType: true, keys: [type(node.b)])]
        case .isIn:
            guard let subject = subject(node.a) else { return [] }
            return isIn(node.a, node.c) + [KeyDemand(subject: subject, isType: true, keys: [type(node.b)])]
        case .contains: return contains(node.a, node.b)
        case .constant, .variable, .access, .ifThenElse, .not, .negate, .notEqual, .less, .lessEqual, .greater,
            .greaterEqual, .containsAll, .containsAny, .hasTag, .getTag, .isEmpty, .arithmetic, .has, .like, .set,
            .record, .call:
            return []
        }
    }

    /// The demands of a constraint of a scope.
    mutating func demands(_ constraint: ScopeConstraint, _ variable: Variable) -> [KeyDemand] {
        let subject = variable.rawValue
        switch constraint {
        case .any, .equal(.slot), .isIn(.slot), .isTypeIn(_, .slot): return []
        case .equal(.entity(let uid)):
            return [KeyDemand(subject: subject, isType: false, keys: [IndexKey.isEqual(symbols.entity(uid))])]
        case .isIn(.entity(let uid)):
            return [KeyDemand(subject: subject, isType: false, keys: [IndexKey.isIn(symbols.entity(uid))])]
        case .isInAny(let uids):
            let keys = uids.map { IndexKey.isIn(symbols.entity($0)) }
            return [KeyDemand(subject: subject, isType: false, keys: keys)]
        case .isType(let type):
            return [KeyDemand(subject: subject, isType: true, keys: [IndexKey.isType(symbols.type(type))])]
        case .isTypeIn(let type, .entity(let uid)):
            return [
                KeyDemand(subject: subject, isType: false, keys: [IndexKey.isIn(symbols.entity(uid))]),
                KeyDemand(subject: subject, isType: true, keys: [IndexKey.isType(symbols.type(type))]),
            ]
        }
    }

    /// What every alternative demands of the same dimension.
    private mutating func alternatives(_ children: ArraySlice<Int32>) -> [KeyDemand] {
        guard let first = children.first else { return [] }
        var common = demands(first)
        for child in children.dropFirst() {
            let others = demands(child)
            common = common.compactMap { demand in
                let other = others.first { $0.subject == demand.subject && $0.isType == demand.isType }
                guard let other, demand.keys.count + other.keys.count <= Self.keysMax else { return nil }
                return KeyDemand(
                    subject: demand.subject,
                    isType: demand.isType,
                    keys: demand.keys + other.keys
                )
            }
        }
        return common
    }

    private mutating func equal(_ operand: Int32, _ other: Int32) -> [KeyDemand]? {
        guard let subject = subject(operand), let value = constant(other), let key = key(value) else { return nil }
        return [KeyDemand(subject: subject, isType: false, keys: [key])]
    }

    private mutating func isIn(_ operand: Int32, _ groups: Int32) -> [KeyDemand] {
        guard let subject = subject(operand) else { return [] }
        switch constant(groups) {
        case .entity(let uid):
            return [KeyDemand(subject: subject, isType: false, keys: [IndexKey.isIn(symbols.entity(uid))])]
        case .set(let set):
            var keys: [Int64] = []
            for member in set.elements {
                guard case .entity(let uid) = member else { return [] }
                keys.append(IndexKey.isIn(symbols.entity(uid)))
            }
            return [KeyDemand(subject: subject, isType: false, keys: keys)]
        case .bool, .long, .string, .record, .decimal, .ipaddr, .datetime, .duration, nil: return []
        }
    }

    /// `["a", "b"].contains(context.tool)`.
    private mutating func contains(_ set: Int32, _ operand: Int32) -> [KeyDemand] {
        guard let subject = subject(operand), case .set(let set) = constant(set) else { return [] }
        var keys: [Int64] = []
        for member in set.elements {
            guard let key = key(member) else { return [] }
            keys.append(key)
        }
        return [KeyDemand(subject: subject, isType: false, keys: keys)]
    }

    private mutating func type(_ index: Int32) -> Int64 { IndexKey.isType(symbols.type(arena.types[Int(index)])) }

    private mutating func key(_ value: Value) -> Int64? {
        switch value {
        case .entity(let uid): IndexKey.isEqual(symbols.entity(uid))
        case .string(let text): IndexKey.isText(symbols.text(text))
        case .bool(let value): IndexKey.isBool(value)
        case .long(let value): IndexKey.isLong(value)
        case .set, .record, .decimal, .ipaddr, .datetime, .duration: nil
        }
    }

    /// The subject of an expression that is a variable or a path.
    private func subject(_ index: Int32) -> Int32? {
        guard let chain = AttributeChain(index, in: arena) else { return nil }
        if chain.names.isEmpty { return chain.variable == .context ? nil : chain.variable.rawValue }
        return code.knownPath(chain).map { $0 + Dimension.firstPath }
    }

    private func constant(_ index: Int32) -> Value? {
        let node = arena.nodes[Int(index)]
        return node.operation == .constant ? arena.constants[Int(node.a)] : nil
    }

    /// The bound that is met whenever a conjunct holds, if it is a comparison of a path with an integer.
    func bounds(_ conjunct: Conjunct) -> [KeyBound] {
        let node = arena.nodes[Int(conjunct.root)]
        let isLess = node.operation == .less || node.operation == .lessEqual
        guard isLess || node.operation == .greater || node.operation == .greaterEqual else { return [] }
        let isStrict = node.operation == .less || node.operation == .greater
        for (operand, other, isMirrored) in [(node.a, node.b, false), (node.b, node.a, true)] {
            guard let subject = subject(operand), subject >= Dimension.firstPath,
                case .long(let limit) = constant(other)
            else { continue }
            // What does not hold turns the comparison around: `!(a < 3)` is `a >= 3`.
            let isLower = (isLess == isMirrored) == conjunct.isPositive
            let isOpen = isStrict == conjunct.isPositive
            let (closed, overflow) = limit.addingReportingOverflow(isOpen ? (isLower ? 1 : -1) : 0)
            guard !overflow else { return [] }
            return [KeyBound(path: subject - Dimension.firstPath, isLower: isLower, limit: closed)]
        }
        return []
    }
}
