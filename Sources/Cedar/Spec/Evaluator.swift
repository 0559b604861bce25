import Bytes

/// Evaluates expressions for one request (cedar-spec `Evaluator.lean`).
///
/// Recursion is bounded: no expression nests deeper than ``SourceLimits/nestingMax``. The functions are small, so that
/// their stack frames are.
struct Evaluator {
    let arena: ExpressionArena
    let request: Request
    let entities: Entities

    /// The value of an expression.
    func evaluate(_ index: Int32) throws(EvaluationError) -> Value {
        let node = arena.nodes[Int(index)]
        switch node.operation {
        case .constant: return arena.constants[Int(node.a)]
        case .variable: return variable(node.a)
        case .access: return try access(node)
        case .ifThenElse: return try evaluate(truth(node.a) ? node.b : node.c)
        case .negate: return try negate(node)
        case .arithmetic: return try arithmetic(node)
        case .getTag: return try getTag(node)
        case .set: return try set(node)
        case .record: return try record(node)
        case .call: return try call(node)
        case .and, .or, .not, .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual, .in, .contains,
            .containsAll,
            .containsAny, .hasTag, .isEmpty, .has, .like, .is, .isIn:
            return .bool(try truth(index))
        }
    }

    /// The value of an expression that has to be a truth value.
    func truth(_ index: Int32) throws(EvaluationError) -> Bool {
        let node = arena.nodes[Int(index)]
        switch node.operation {
        case .and: return try all(node)
        case .or: return try any(node)
        case .not: return try !truth(node.a)
        case .equal: return try equal(node)
        case .notEqual: return try !equal(node)
        case .less, .lessEqual, .greater, .greaterEqual: return try compare(node)
        case .in: return try isIn(node.a, node.b)
        case .contains: return try contains(node)
        case .containsAll, .containsAny: return try containsMany(node)
        case .isEmpty: return try evaluate(node.a).asSet().isEmpty
        case .hasTag: return try hasTag(node)
        case .has: return try has(node)
        case .like: return try like(node)
        case .is: return try isType(node)
        case .isIn: return try isTypeIn(node)
        case .constant, .variable, .access, .ifThenElse, .negate, .arithmetic, .getTag, .set, .record, .call:
            return try evaluate(index).asBool()
        }
    }

    private func variable(_ raw: Int32) -> Value {
        switch Variable(rawValue: raw) {
        case .principal: .entity(request.principal)
        case .action: .entity(request.action)
        case .resource: .entity(request.resource)
        case .context, nil: .record(request.context)
        }
    }

    private func children(_ first: Int32, _ count: Int32) -> ArraySlice<Int32> {
        arena.children[Int(first)..<Int(first + count)]
    }

    private func all(_ node: Node) throws(EvaluationError) -> Bool {
        for child in children(node.a, node.b) {
            guard try truth(child) else { return false }
        }
        return true
    }

    private func any(_ node: Node) throws(EvaluationError) -> Bool {
        for child in children(node.a, node.b) {
            if try truth(child) { return true }
        }
        return false
    }

    private func set(_ node: Node) throws(EvaluationError) -> Value {
        .set(ValueSet(try values(node.a, node.b)))
    }

    private func call(_ node: Node) throws(EvaluationError) -> Value {
        let arguments = try values(node.b, node.c)
        guard let function = ExtensionFunction(rawValue: node.a) else { return .bool(false) }
        return try function.call(arguments)
    }

    private func values(_ first: Int32, _ count: Int32) throws(EvaluationError) -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(Int(count))
        for child in children(first, count) { values.append(try evaluate(child)) }
        return values
    }

    private func record(_ node: Node) throws(EvaluationError) -> Value {
        var fields: [Record.Field] = []
        fields.reserveCapacity(Int(node.b))
        // The parser sorted the fields by name.
        var place = Int(node.a)
        for _ in 0..<node.b {
            let value = try evaluate(arena.children[place + 1])
            fields.append(Record.Field(arena.names[Int(arena.children[place])], value))
            place += 2
        }
        return .record(Record(sorted: fields))
    }

    private func negate(_ node: Node) throws(EvaluationError) -> Value {
        let (result, overflow) = Int64(0).subtractingReportingOverflow(try evaluate(node.a).asLong())
        guard !overflow else { throw .integerOverflow }
        return .long(result)
    }

    func arithmetic(_ node: Node) throws(EvaluationError) -> Value {
        var place = Int(node.a)
        var result = try evaluate(arena.children[place])
        for _ in 1..<node.b {
            // Both operands have to have values before the type of either matters, as in the reference.
            let operand = try evaluate(arena.children[place + 2])
            let operation = ArithmeticOperator(rawValue: arena.children[place + 1]) ?? .add
            result = .long(try Self.apply(operation, result.asLong(), operand.asLong()))
            place += 2
        }
        return result
    }

    private static func apply(
        _ operation: ArithmeticOperator,
        _ left: Int64,
        _ right: Int64
    ) throws(EvaluationError) -> Int64 {
        let (result, overflow) =
            switch operation {
            case .add: left.addingReportingOverflow(right)
            case .subtract: left.subtractingReportingOverflow(right)
            case .multiply: left.multipliedReportingOverflow(by: right)
            }
        guard !overflow else { throw .integerOverflow }
        return result
    }
}
