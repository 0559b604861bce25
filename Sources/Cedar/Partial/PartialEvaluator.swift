import Bytes

/// Evaluates expressions of which the request and the entities are known in part (cedar-spec `TPE/Evaluator.lean`).
///
/// It rests on the expressions' having passed strict validation for the request's types: then nothing fails for a wrong
/// type, and only arithmetic, accesses, tags and extension functions can fail at all. A part that can fail is never
/// dropped unless nothing before it lets it be evaluated.
///
/// Recursion is bounded: no expression nests deeper than ``SourceLimits/nestingMax``.
struct PartialEvaluator {
    /// Where the expressions are.
    let arena: ExpressionArena
    let request: PartialRequest
    let entities: PartialEntities
    /// The types of the expressions; those that are never evaluated have none.
    var types: [Int32: InferredType] = [:]
    /// What the results are made of.
    var builder = ResidualBuilder()
    /// The entities that have to be known before more can be said.
    private(set) var needed: Set<EntityUID> = []

    init(arena: ExpressionArena, request: PartialRequest, entities: PartialEntities) {
        self.arena = arena
        self.request = request
        self.entities = entities
    }

    mutating func need(_ uid: EntityUID) { needed.insert(uid) }

    /// What an expression is.
    mutating func evaluate(_ index: Int32) throws(ResidualBuilder.Failure) -> PartialResult {
        let node = arena.nodes[Int(index)]
        switch node.operation {
        case .constant: return .value(arena.constants[Int(node.a)])
        case .variable: return try variable(node, index)
        case .ifThenElse: return try conditional(node, index)
        case .and, .or:
            return try chain(node.operation == .or, try results(children(node.a, node.b), until: node.operation), index)
        case .not, .negate, .isEmpty, .like: return try unary(node, index)
        case .is: return try isType(node, index)
        case .isIn: return try isTypeIn(node, index)
        case .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual, .contains, .containsAll, .containsAny:
            return try binary(node, index)
        case .in: return try isIn(node, index)
        case .hasTag, .getTag: return try tag(node, index)
        case .arithmetic: return try arithmetic(node, index)
        case .access: return try access(node, index)
        case .has: return try has(node, index)
        case .set: return try set(node, index)
        case .record: return try record(node, index)
        case .call: return try call(node, index)
        }
    }

    // MARK: Parts

    func children(_ first: Int32, _ count: Int32) -> [Int32] {
        Array(arena.children[Int(first)..<Int(first + count)])
    }

    /// What the expressions are, each by itself.
    mutating func results(_ indexes: [Int32]) throws(ResidualBuilder.Failure) -> [PartialResult] {
        var results: [PartialResult] = []
        for index in indexes { results.append(try evaluate(index)) }
        return results
    }

    /// The nodes of results.
    mutating func nodes(_ results: [PartialResult], _ indexes: [Int32]) throws(ResidualBuilder.Failure) -> [Int32] {
        var nodes: [Int32] = []
        for (result, index) in zip(results, indexes) { nodes.append(try builder.node(result, types[index])) }
        return nodes
    }

    private mutating func variable(_ node: Node, _ index: Int32) throws(ResidualBuilder.Failure) -> PartialResult {
        let known: Value? =
            switch Variable(rawValue: node.a) {
            case .principal: request.principal.uid.map(Value.entity)
            case .action: .entity(request.action)
            case .resource: request.resource.uid.map(Value.entity)
            case .context, nil: request.context.map(Value.record)
            }
        if let known { return .value(known) }
        return .residual(try builder.add(node, types[index]), canFail: false)
    }

    // MARK: Values

    /// What an operation on values gives, by the evaluator that decides requests; `nil` if there is no result.
    ///
    /// The operation's operands are the values, by their places; its tables are those of the arena.
    func compute(_ node: Node, _ values: [Value], in step: ExpressionArena = ExpressionArena()) -> Value? {
        var step = step
        step.constants = values
        step.nodes = values.indices.map { Node(operation: .constant, a: Int32($0)) } + [node]
        let unknown = Text("")
        let request = Request(
            principal: EntityUID(type: self.request.principal.type, id: unknown),
            action: self.request.action,
            resource: EntityUID(type: self.request.resource.type, id: unknown)
        )
        let evaluator = Evaluator(arena: step, request: request, entities: .empty)
        return try? evaluator.evaluate(Int32(step.nodes.count - 1))
    }
}
