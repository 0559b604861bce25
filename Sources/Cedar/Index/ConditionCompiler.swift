import Bytes

/// Compiles the expressions of one policy set to the code of a program.
///
/// What has no code of its own is left to the plain evaluator, as a node or, when it cannot be told, as a whole policy.
/// Recursion is bounded: no expression nests deeper than ``SourceLimits/nestingMax``.
struct ConditionCompiler {
    let arena: ExpressionArena
    let set: Int32
    var symbols: ProgramSymbols
    var code: ProgramCode

    /// The code of a constraint of a scope, if it asks for anything.
    mutating func scope(_ constraint: ScopeConstraint, _ variable: Variable) -> [Int32] {
        let a = variable.rawValue
        switch constraint {
        case .any, .equal(.slot), .isIn(.slot), .isTypeIn(_, .slot): return []
        case .equal(.entity(let uid)):
            return [code.add(CodeNode(operation: .variableEquals, a: a, b: symbols.entity(uid)))]
        case .isIn(.entity(let uid)):
            return [code.add(CodeNode(operation: .variableIn, a: a, b: code.group(symbols.entity(uid))))]
        case .isInAny(let uids): return [code.variableInAny(variable, uids.map { symbols.entity($0) })]
        case .isType(let type):
            return [code.add(CodeNode(operation: .variableIs, a: a, b: symbols.type(type)))]
        case .isTypeIn(let type, .entity(let uid)):
            return [
                code.add(CodeNode(operation: .variableIs, a: a, b: symbols.type(type))),
                code.add(CodeNode(operation: .variableIn, a: a, b: code.group(symbols.entity(uid)))),
            ]
        }
    }

    /// The code of a conjunct.
    mutating func code(of conjunct: Conjunct) -> Int32 {
        let root = compile(conjunct.root)
        return conjunct.isPositive ? root : code.add(CodeNode(operation: .not, a: root))
    }

    /// The code of an expression.
    private mutating func compile(_ index: Int32) -> Int32 {
        let node = arena.nodes[Int(index)]
        switch node.operation {
        case .constant:
            let constant = symbols.constant(arena.constants[Int(node.a)])
            return code.add(CodeNode(operation: .constant, a: constant))
        case .variable, .access: return operand(index)
        case .ifThenElse:
            let (a, b, c) = (compile(node.a), compile(node.b), compile(node.c))
            return code.add(CodeNode(operation: .ifThenElse, a: a, b: b, c: c))
        case .and: return sequence(.and, node.a, node.b)
        case .or: return sequence(.or, node.a, node.b)
        case .not: return code.add(CodeNode(operation: .not, a: compile(node.a)))
        case .negate: return code.add(CodeNode(operation: .negate, a: compile(node.a)))
        case .arithmetic: return arithmetic(node)
        case .equal: return equal(node)
        case .notEqual: return code.add(CodeNode(operation: .not, a: equal(node)))
        case .less, .lessEqual, .greater, .greaterEqual: return compare(node)
        case .in: return isIn(node)
        case .contains: return binary(.contains, node.a, node.b)
        case .isEmpty: return code.add(CodeNode(operation: .isEmpty, a: compile(node.a)))
        case .has: return has(index, node)
        case .like:
            let pattern = code.pattern(arena.patterns[Int(node.b)])
            return code.add(CodeNode(operation: .like, a: compile(node.a), b: pattern))
        case .is: return isType(node)
        case .isIn: return isTypeIn(node)
        case .call:
            let children = compileAll(arena.children[Int(node.b)..<Int(node.b + node.c)])
            return code.add(CodeNode(operation: .call, a: node.a, b: children, c: node.c))
        case .containsAll, .containsAny, .hasTag, .getTag, .set, .record: return general(index)
        }
    }

    private mutating func general(_ index: Int32) -> Int32 {
        code.add(CodeNode(operation: .general, a: index, b: set))
    }

    private mutating func compileAll(_ indexes: ArraySlice<Int32>) -> Int32 {
        var children: [Int32] = []
        for index in indexes { children.append(compile(index)) }
        return code.addChildren(children)
    }

    private mutating func sequence(_ operation: CodeOperation, _ first: Int32, _ count: Int32) -> Int32 {
        let children = compileAll(arena.children[Int(first)..<Int(first + count)])
        return code.add(CodeNode(operation: operation, a: children, b: count))
    }

    private mutating func binary(_ operation: CodeOperation, _ first: Int32, _ second: Int32) -> Int32 {
        let (a, b) = (compile(first), compile(second))
        return code.add(CodeNode(operation: operation, a: a, b: b))
    }

    private mutating func operand(_ index: Int32) -> Int32 {
        guard let chain = AttributeChain(index, in: arena) else { return general(index) }
        if chain.names.isEmpty {
            guard chain.variable != .context else { return general(index) }
            return code.add(CodeNode(operation: .variable, a: chain.variable.rawValue))
        }
        guard let path = code.path(chain, &symbols) else { return general(index) }
        return code.add(CodeNode(operation: .path, a: path))
    }

    private mutating func arithmetic(_ node: Node) -> Int32 {
        var children = [compile(arena.children[Int(node.a)])]
        for place in 0..<Int(node.b) - 1 {
            let pair = Int(node.a) + 1 + 2 * place
            children.append(arena.children[pair])
            children.append(compile(arena.children[pair + 1]))
        }
        return code.add(CodeNode(operation: .arithmetic, a: code.addChildren(children), b: node.b))
    }

    private mutating func equal(_ node: Node) -> Int32 {
        for (side, other) in [(node.a, node.b), (node.b, node.a)] {
            guard let variable = entityVariable(side), case .entity(let uid) = constant(other) else { continue }
            return code.add(
                CodeNode(operation: .variableEquals, a: variable.rawValue, b: symbols.entity(uid))
            )
        }
        return binary(.equal, node.a, node.b)
    }

    private mutating func compare(_ node: Node) -> Int32 {
        if let chain = AttributeChain(node.a, in: arena), !chain.names.isEmpty,
            case .long(let limit) = constant(node.b), let path = code.path(chain, &symbols)
        {
            let operation: CodeOperation =
                switch node.operation {
                case .less: .pathLess
                case .lessEqual: .pathLessEqual
                case .greater: .pathGreater
                case _: .pathGreaterEqual
                }
            // Most integers are small enough to stand in the node, where they are at hand.
            if let small = Int32(exactly: limit) {
                return code.add(CodeNode(operation: operation, a: path, b: small, c: 1))
            }
            return code.add(CodeNode(operation: operation, a: path, b: symbols.constant(.long(limit))))
        }
        switch node.operation {
        case .less: return binary(.less, node.a, node.b)
        case .lessEqual: return binary(.lessEqual, node.a, node.b)
        case .greater: return binary(.less, node.b, node.a)
        case _: return binary(.lessEqual, node.b, node.a)
        }
    }

    private mutating func isIn(_ node: Node) -> Int32 {
        guard let variable = entityVariable(node.a) else { return binary(.in, node.a, node.b) }
        switch constant(node.b) {
        case .entity(let uid):
            let group = code.group(symbols.entity(uid))
            return code.add(CodeNode(operation: .variableIn, a: variable.rawValue, b: group))
        case .set(let set):
            let numbers = set.elements.compactMap { member -> Int32? in
                guard case .entity(let uid) = member else { return nil }
                return symbols.entity(uid)
            }
            guard numbers.count == set.elements.count else { return binary(.in, node.a, node.b) }
            return code.variableInAny(variable, numbers)
        case .bool, .long, .string, .record, .decimal, .ipaddr, .datetime, .duration, nil:
            return binary(.in, node.a, node.b)
        }
    }

    private mutating func isType(_ node: Node) -> Int32 {
        let type = symbols.type(arena.types[Int(node.b)])
        if let variable = entityVariable(node.a) {
            return code.add(CodeNode(operation: .variableIs, a: variable.rawValue, b: type))
        }
        return code.add(CodeNode(operation: .is, a: compile(node.a), b: type))
    }

    /// `e is T in g` means `e is T && e in g`.
    private mutating func isTypeIn(_ node: Node) -> Int32 {
        if let variable = entityVariable(node.a), case .entity(let uid) = constant(node.c) {
            let type = symbols.type(arena.types[Int(node.b)])
            let group = code.group(symbols.entity(uid))
            let isType = code.add(CodeNode(operation: .variableIs, a: variable.rawValue, b: type))
            let isIn = code.add(CodeNode(operation: .variableIn, a: variable.rawValue, b: group))
            return code.add(CodeNode(operation: .and, a: code.addChildren([isType, isIn]), b: 2))
        }
        let type = symbols.type(arena.types[Int(node.b)])
        let (a, c) = (compile(node.a), compile(node.c))
        return code.add(CodeNode(operation: .isIn, a: a, b: type, c: c))
    }

    private mutating func has(_ index: Int32, _ node: Node) -> Int32 {
        let names = arena.children[Int(node.b)..<Int(node.b + node.c)].map { arena.names[Int($0)] }
        guard let chain = AttributeChain(node.a, in: arena),
            chain.names.count + names.count <= ProgramCode.pathNamesMax
        else { return general(index) }
        // The analysis asks about every attribute on the way.
        for length in names.indices.dropFirst() { _ = code.path(chain.appending(Array(names[..<length])), &symbols) }
        guard let path = code.path(chain.appending(names), &symbols) else { return general(index) }
        guard !chain.names.isEmpty else { return code.add(CodeNode(operation: .has, a: -1, b: path)) }
        guard let operand = code.path(chain, &symbols) else { return general(index) }
        return code.add(CodeNode(operation: .has, a: operand, b: path))
    }

    private func entityVariable(_ index: Int32) -> Variable? {
        let node = arena.nodes[Int(index)]
        guard node.operation == .variable, let variable = Variable(rawValue: node.a), variable != .context else {
            return nil
        }
        return variable
    }

    private func constant(_ index: Int32) -> Value? {
        let node = arena.nodes[Int(index)]
        return node.operation == .constant ? arena.constants[Int(node.a)] : nil
    }
}

/// A variable with a chain of attributes behind it, such as `context.input.amount`; the chain may be empty.
struct AttributeChain: Hashable {
    let variable: Variable
    let names: [Text]

    init(variable: Variable, names: [Text]) {
        self.variable = variable
        self.names = names
    }

    /// Reads an expression, and refuses whatever else it is.
    init?(_ index: Int32, in arena: ExpressionArena) {
        var names: [Text] = []
        var node = arena.nodes[Int(index)]
        while node.operation == .access {
            names.insert(
                contentsOf: arena.children[Int(node.b)..<Int(node.b + node.c)].map { arena.names[Int($0)] },
                at: 0
            )
            node = arena.nodes[Int(node.a)]
        }
        guard node.operation == .variable, let variable = Variable(rawValue: node.a) else { return nil }
        self.init(variable: variable, names: names)
    }

    /// The chain with more attributes behind it.
    func appending(_ more: [Text]) -> AttributeChain { AttributeChain(variable: variable, names: names + more) }
}
