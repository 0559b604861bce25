/// Computes sets, records and calls whose operands are all constant, once instead of at every evaluation.
///
/// A call that has no result stays a call, so that its error is raised when, and only when, it is evaluated.
enum ConstantFolding {
    static func fold(_ arena: ExpressionArena) -> ExpressionArena {
        var folded = arena
        // Operands stand before their operators, so one pass reaches every level.
        for index in arena.nodes.indices {
            guard let value = value(of: folded.nodes[index], in: folded) else { continue }
            folded.constants.append(value)
            folded.nodes[index] = Node(operation: .constant, a: Int32(folded.constants.count - 1))
        }
        return folded
    }

    private static func value(of node: Node, in arena: ExpressionArena) -> Value? {
        switch node.operation {
        case .set:
            return constants(node.a, node.b, in: arena).map { .set(ValueSet($0)) }
        case .record:
            let places = (0..<Int(node.b)).map { Int(node.a) + 2 * $0 }
            let values = places.compactMap { constant(arena.children[$0 + 1], in: arena) }
            guard values.count == places.count else { return nil }
            let fields = zip(places, values).map { Record.Field(arena.names[Int(arena.children[$0])], $1) }
            return .record(Record(sorted: fields))
        case .call:
            guard let arguments = constants(node.b, node.c, in: arena) else { return nil }
            return try? ExtensionFunction(rawValue: node.a)?.call(arguments)
        case .constant, .variable, .ifThenElse, .and, .or, .not, .negate, .equal, .notEqual, .less, .lessEqual,
            .greater,
            .greaterEqual, .in, .contains, .containsAll, .containsAny, .hasTag, .getTag, .isEmpty, .arithmetic, .access,
            .has, .like, .is, .isIn:
            return nil
        }
    }

    private static func constants(_ first: Int32, _ count: Int32, in arena: ExpressionArena) -> [Value]? {
        let children = arena.children[Int(first)..<Int(first + count)]
        let values = children.compactMap { constant($0, in: arena) }
        return values.count == children.count ? values : nil
    }

    private static func constant(_ index: Int32, in arena: ExpressionArena) -> Value? {
        let node = arena.nodes[Int(index)]
        return node.operation == .constant ? arena.constants[Int(node.a)] : nil
    }
}
