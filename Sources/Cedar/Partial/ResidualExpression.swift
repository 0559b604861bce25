public import Bytes

/// What is left of an expression, with its type, for programs that translate it, such as into a query of a database.
///
/// What is known stands in it as values. It nests no deeper than ``SourceLimits/nestingMax``: chains of operators and
/// of accesses are single expressions of many parts.
public struct ResidualExpression: Sendable {
    /// What the expression does with its parts.
    public let form: Form
    /// The type, if validation gave the expression one that a schema could declare.
    ///
    /// There is none for the values of entities and of the context, which tell it themselves, and for what is never
    /// evaluated.
    public let type: SchemaType?

    /// The forms of expressions.
    public indirect enum Form: Sendable {
        /// A value.
        case value(Value)
        /// A part of the request that is not known.
        case variable(Variable)
        /// `if a then b else c`
        case conditional(ResidualExpression, then: ResidualExpression, else: ResidualExpression)
        /// `a && b && …`, at least two, in the order in which they are evaluated.
        case and([ResidualExpression])
        /// `a || b || …`, at least two, in the order in which they are evaluated.
        case or([ResidualExpression])
        /// An operator of one operand.
        case unary(UnaryOperator, ResidualExpression)
        /// An operator of two operands.
        case binary(BinaryOperator, ResidualExpression, ResidualExpression)
        /// `a + b - …`, computed from the left.
        case arithmetic(ResidualExpression, [Term])
        /// `a.b.c`, which fails if an attribute is not there.
        case access(ResidualExpression, path: [Text])
        /// `a has b.c`
        case has(ResidualExpression, path: [Text])
        /// `a like "…"`
        case like(ResidualExpression, Pattern)
        /// `a is T`
        case isType(ResidualExpression, EntityType)
        /// `a is T in b`
        case isTypeIn(ResidualExpression, EntityType, ResidualExpression)
        /// `[a, b, …]`
        case set([ResidualExpression])
        /// `{a: b, …}`, sorted by name.
        case record([Field])
        /// A function of an extension type, by its name; the receiver of a method is the first argument.
        case call(String, [ResidualExpression])
    }

    /// The parts of a request.
    public enum Variable: String, Hashable, Sendable, CaseIterable {
        /// The principal.
        case principal
        /// The action.
        case action
        /// The resource.
        case resource
        /// The context.
        case context
    }

    /// The operators of one operand.
    public enum UnaryOperator: String, Hashable, Sendable, CaseIterable {
        /// `!a`
        case not
        /// `-a`, which fails if it does not fit in 64 bits.
        case negate
        /// `a.isEmpty()`
        case isEmpty
    }

    /// The operators of two operands.
    public enum BinaryOperator: String, Hashable, Sendable, CaseIterable {
        /// `a == b`
        case equal
        /// `a != b`
        case notEqual
        /// `a < b`
        case less
        /// `a <= b`
        case lessEqual
        /// `a > b`
        case greater
        /// `a >= b`
        case greaterEqual
        /// `a in b`
        case isIn
        /// `a.contains(b)`
        case contains
        /// `a.containsAll(b)`
        case containsAll
        /// `a.containsAny(b)`
        case containsAny
        /// `a.hasTag(b)`
        case hasTag
        /// `a.getTag(b)`, which fails if the tag is not there.
        case getTag
    }

    /// An operand of a chain of sums or products, with the operator before it.
    public struct Term: Sendable {
        /// The operator; it fails if its result does not fit in 64 bits.
        public let `operator`: Operator
        /// The operand.
        public let operand: ResidualExpression

        /// The operators of such a chain.
        public enum Operator: String, Hashable, Sendable, CaseIterable {
            /// `+`
            case add
            /// `-`
            case subtract
            /// `*`
            case multiply
        }
    }

    /// A named expression of a record.
    public struct Field: Sendable {
        /// The name.
        public let name: Text
        /// The expression.
        public let value: ResidualExpression
    }
}

extension PartialEvaluation {
    /// What is left of the policy at a place of ``policies``, as an expression.
    public func expression(ofPolicyAt place: Int) -> ResidualExpression {
        let reader = ResidualReader(arena: residuals.code, types: types)
        return reader.expression(residuals.policies[place].conditions[0].root)
    }
}

/// Turns nodes into expressions that can be looked at.
private struct ResidualReader {
    let arena: ExpressionArena
    let types: [Int32: InferredType]

    func expression(_ index: Int32) -> ResidualExpression {
        ResidualExpression(form: form(arena.nodes[Int(index)]), type: types[index].flatMap { SchemaType($0) })
    }

    private func expressions(_ first: Int32, _ count: Int32) -> [ResidualExpression] {
        arena.children[Int(first)..<Int(first + count)].map(expression)
    }

    private func names(_ node: Node) -> [Text] {
        arena.children[Int(node.b)..<Int(node.b + node.c)].map { arena.names[Int($0)] }
    }

    private func form(_ node: Node) -> ResidualExpression.Form {
        switch node.operation {
        case .constant: .value(arena.constants[Int(node.a)])
        case .variable: .variable(variable(node))
        case .ifThenElse: .conditional(expression(node.a), then: expression(node.b), else: expression(node.c))
        case .and: .and(expressions(node.a, node.b))
        case .or: .or(expressions(node.a, node.b))
        case .not: .unary(.not, expression(node.a))
        case .negate: .unary(.negate, expression(node.a))
        case .isEmpty: .unary(.isEmpty, expression(node.a))
        case .equal: binary(.equal, node)
        case .notEqual: binary(.notEqual, node)
        case .less: binary(.less, node)
        case .lessEqual: binary(.lessEqual, node)
        case .greater: binary(.greater, node)
        case .greaterEqual: binary(.greaterEqual, node)
        case .in: binary(.isIn, node)
        case .contains: binary(.contains, node)
        case .containsAll: binary(.containsAll, node)
        case .containsAny: binary(.containsAny, node)
        case .hasTag: binary(.hasTag, node)
        case .getTag: binary(.getTag, node)
        case .arithmetic: arithmetic(node)
        case .access: .access(expression(node.a), path: names(node))
        case .has: .has(expression(node.a), path: names(node))
        case .like: .like(expression(node.a), arena.patterns[Int(node.b)])
        case .is: .isType(expression(node.a), arena.types[Int(node.b)])
        case .isIn: .isTypeIn(expression(node.a), arena.types[Int(node.b)], expression(node.c))
        case .set: .set(expressions(node.a, node.b))
        case .record: .record(fields(node))
        case .call: .call(ExtensionFunction(rawValue: node.a)?.name ?? "", expressions(node.b, node.c))
        }
    }

    private func binary(_ operation: ResidualExpression.BinaryOperator, _ node: Node) -> ResidualExpression.Form {
        .binary(operation, expression(node.a), expression(node.b))
    }

    private func variable(_ node: Node) -> ResidualExpression.Variable {
        switch Variable(rawValue: node.a) {
        case .principal: .principal
        case .action: .action
        case .resource: .resource
        case .context, nil: .context
        }
    }

    private func arithmetic(_ node: Node) -> ResidualExpression.Form {
        let parts = arena.children[Int(node.a)..<Int(node.a + 2 * node.b - 1)]
        let operands = stride(from: parts.startIndex, to: parts.endIndex, by: 2).map { expression(parts[$0]) }
        let operators = stride(from: parts.startIndex + 1, to: parts.endIndex, by: 2).map { operation(parts[$0]) }
        let terms = zip(operators, operands.dropFirst()).map { ResidualExpression.Term(operator: $0, operand: $1) }
        return .arithmetic(operands[0], terms)
    }

    private func operation(_ raw: Int32) -> ResidualExpression.Term.Operator {
        switch ArithmeticOperator(rawValue: raw) {
        case .add, nil: .add
        case .subtract: .subtract
        case .multiply: .multiply
        }
    }

    private func fields(_ node: Node) -> [ResidualExpression.Field] {
        (0..<Int(node.b)).map { place in
            let name = arena.names[Int(arena.children[Int(node.a) + 2 * place])]
            return ResidualExpression.Field(
                name: name,
                value: expression(arena.children[Int(node.a) + 2 * place + 1])
            )
        }
    }
}

extension SchemaType {
    /// The type that a schema would declare for what validation found; `nil` if there is none.
    fileprivate init?(_ type: InferredType) {
        switch type {
        case .always, .bool: self = .bool
        case .long: self = .long
        case .string: self = .string
        case .extension(let type): self = .extension(type)
        case .entity(let types):
            guard types.count == 1 else { return nil }
            self = .entity(types[0])
        case .set(let element):
            guard let element, let element = SchemaType(element) else { return nil }
            self = .set(element)
        case .record(.declared(let record)): self = .record(record)
        case .record(.inferred(let record)):
            let attributes = record.attributes.compactMap { attribute in
                SchemaType(attribute.type).map {
                    AttributeType(name: attribute.name, type: $0, isRequired: attribute.isRequired)
                }
            }
            guard !record.isOpen, attributes.count == record.attributes.count, let type = RecordType(attributes) else {
                return nil
            }
            self = .record(type)
        case .never, .anyEntity: return nil
        }
    }
}
