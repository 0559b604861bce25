import Bytes

extension PartialEvaluator {
    /// An operation that evaluates all of its operands: a value if they all have one and there is a result; a failure
    /// if one of them fails, or there is no result.
    ///
    /// - Parameters:
    ///   - results: What the operands are.
    ///   - indexes: The operands.
    ///   - index: The operation.
    ///   - canFail: Whether it can fail even if no operand does.
    ///   - value: Computes the result; `nil` if there is none.
    ///   - make: Makes the operation over nodes of the residual.
    /// - Returns: What the operation is.
    /// - Throws: When the residual exceeds a limit.
    private mutating func strict(
        _ results: [PartialResult],
        _ indexes: [Int32],
        _ index: Int32,
        canFail: Bool,
        value: (PartialEvaluator, [Value]) -> Value?,
        make: (inout ResidualBuilder, [Int32]) -> Node
    ) throws(ResidualBuilder.Failure) -> PartialResult {
        let values = results.compactMap(\.value)
        let isComplete = values.count == results.count
        if isComplete, let value = value(self, values) { return .value(value) }
        let operands = try nodes(results, indexes)
        let root = try builder.add(make(&builder, operands), over: operands, types[index])
        if isComplete || results.contains(where: \.isFailure) { return .failure(root) }
        return .residual(root, canFail: canFail || results.contains(where: \.canFail))
    }

    mutating func unary(_ node: Node, _ index: Int32) throws(ResidualBuilder.Failure) -> PartialResult {
        let pattern = node.operation == .like ? arena.patterns[Int(node.b)] : nil
        return try strict(
            [try evaluate(node.a)],
            [node.a],
            index,
            canFail: node.operation == .negate,
            value: { evaluator, values in
                var step = ExpressionArena()
                if let pattern { step.patterns = [pattern] }
                return evaluator.compute(Node(operation: node.operation, a: 0), values, in: step)
            },
            make: { builder, operands in
                Node(operation: node.operation, a: operands[0], b: pattern.map { builder.pattern($0) } ?? 0)
            }
        )
    }

    mutating func binary(_ node: Node, _ index: Int32) throws(ResidualBuilder.Failure) -> PartialResult {
        try strict(
            try results([node.a, node.b]),
            [node.a, node.b],
            index,
            canFail: false,
            value: { $0.compute(Node(operation: node.operation, a: 0, b: 1), $1) },
            make: { Node(operation: node.operation, a: $1[0], b: $1[1]) }
        )
    }

    mutating func set(_ node: Node, _ index: Int32) throws(ResidualBuilder.Failure) -> PartialResult {
        let elements = children(node.a, node.b)
        return try strict(
            try results(elements),
            elements,
            index,
            canFail: false,
            value: { .set(ValueSet($1)) },
            make: { Node(operation: .set, a: $0.children($1), b: Int32($1.count)) }
        )
    }

    mutating func record(_ node: Node, _ index: Int32) throws(ResidualBuilder.Failure) -> PartialResult {
        let fields = children(node.a, 2 * node.b)
        let names = stride(from: 0, to: fields.count, by: 2).map { arena.names[Int(fields[$0])] }
        let elements = stride(from: 1, to: fields.count, by: 2).map { fields[$0] }
        return try strict(
            try results(elements),
            elements,
            index,
            canFail: false,
            // The parser sorted the fields by name.
            value: { .record(Record(sorted: zip(names, $1).map { Record.Field($0, $1) })) },
            make: { builder, operands in
                let children = zip(names, operands).flatMap { [builder.name($0), $1] }
                return Node(operation: .record, a: builder.children(children), b: Int32(operands.count))
            }
        )
    }

    mutating func call(_ node: Node, _ index: Int32) throws(ResidualBuilder.Failure) -> PartialResult {
        let arguments = children(node.b, node.c)
        return try strict(
            try results(arguments),
            arguments,
            index,
            canFail: true,
            value: { try? ExtensionFunction(rawValue: node.a)?.call($1) },
            make: { Node(operation: .call, a: node.a, b: $0.children($1), c: Int32($1.count)) }
        )
    }

    // MARK: Arithmetic

    /// `a + b - c`: the operands that are known are computed as far as they stand together at the beginning.
    mutating func arithmetic(_ node: Node, _ index: Int32) throws(ResidualBuilder.Failure) -> PartialResult {
        let parts = children(node.a, 2 * node.b - 1)
        let indexes = stride(from: 0, to: parts.count, by: 2).map { parts[$0] }
        let operators = stride(from: 1, to: parts.count, by: 2).map { parts[$0] }
        var operands = try results(indexes)[...]
        var isFailing = operands.contains(where: \.isFailure)
        var first = 0
        while !isFailing, operands.count > 1, let left = operands.first?.value,
            let right = operands.dropFirst().first?.value
        {
            var step = ExpressionArena()
            step.children = [0, operators[first], 1]
            guard let sum = compute(Node(operation: .arithmetic, a: 0, b: 2), [left, right], in: step) else {
                isFailing = true
                break
            }
            operands = operands.dropFirst()
            operands[operands.startIndex] = .value(sum)
            first += 1
        }
        if operands.count == 1, let value = operands.first?.value, !isFailing { return .value(value) }
        let nodes = try nodes(Array(operands), Array(indexes[first...]))
        var made: [Int32] = [nodes[0]]
        for (operation, operand) in zip(operators[first...], nodes.dropFirst()) { made += [operation, operand] }
        let result = Node(operation: .arithmetic, a: builder.children(made), b: Int32(nodes.count))
        let root = try builder.add(result, over: nodes, types[index])
        return isFailing ? .failure(root) : .residual(root, canFail: true)
    }
}
