import Bytes

/// What partial evaluation makes of an expression.
enum PartialResult {
    /// It has this value whatever is unknown.
    case value(Value)
    /// What it is depends on what is unknown; this node of the residual says how.
    case residual(Int32, canFail: Bool)
    /// It has no value whatever is unknown; this node of the residual fails in the same way.
    case failure(Int32)

    /// Whether evaluating it may fail.
    var canFail: Bool {
        switch self {
        case .value: false
        case .residual(_, let canFail): canFail
        case .failure: true
        }
    }

    var isFailure: Bool {
        if case .failure = self { true } else { false }
    }

    var value: Value? {
        if case .value(let value) = self { value } else { nil }
    }
}

/// Collects the expressions of residual policies, in the form in which a parser would have made them.
struct ResidualBuilder {
    private var builder = ExpressionBuilder()
    /// The types of the nodes, as far as validation gave them any.
    private(set) var types: [Int32: InferredType] = [:]

    var arena: ExpressionArena { builder.arena }
    var ranges: [ByteRange] { builder.ranges }

    /// Why an expression cannot be built.
    enum Failure: Error {
        /// It nests deeper than ``SourceLimits/nestingMax``.
        case tooDeep
        /// There are more nodes than ``PartialLimits/residualNodesMax``.
        case tooLarge
    }

    private static let range = ByteRange(start: 0, end: 0)

    /// Adds a node.
    mutating func add(_ node: Node, over operands: [Int32] = [], _ type: InferredType?) throws(Failure) -> Int32 {
        guard builder.arena.nodes.count < PartialLimits.residualNodesMax else { throw .tooLarge }
        let index: Int32
        do throws(SyntaxFailure) {
            index = try builder.add(node, Self.range, over: operands)
        } catch {
            throw .tooDeep
        }
        if let type { types[index] = type }
        return index
    }

    mutating func children(_ values: [Int32]) -> Int32 { builder.addChildren(values) }
    mutating func name(_ name: Text) -> Int32 { builder.name(name) }
    mutating func type(_ type: EntityType) -> Int32 { builder.type(type) }
    mutating func pattern(_ pattern: Pattern) -> Int32 { builder.pattern(pattern) }

    /// The node of a result, which is made for a value.
    mutating func node(_ result: PartialResult, _ type: InferredType?) throws(Failure) -> Int32 {
        switch result {
        case .value(let value): try node(value, type)
        case .residual(let node, _), .failure(let node): node
        }
    }

    /// Adds the expression of a value.
    private mutating func node(_ value: Value, _ type: InferredType?) throws(Failure) -> Int32 {
        switch value {
        case .bool, .long, .string, .entity:
            return try add(Node(operation: .constant, a: builder.constant(value)), type)
        case .set(let set):
            var operands: [Int32] = []
            for element in set.elements { operands.append(try node(element, nil)) }
            let first = children(operands)
            return try add(Node(operation: .set, a: first, b: Int32(operands.count)), over: operands, type)
        case .record(let record):
            var fields: [Int32] = []
            var operands: [Int32] = []
            for field in record.fields {
                operands.append(try node(field.value, nil))
                fields += [name(field.name), operands[operands.count - 1]]
            }
            let first = children(fields)
            return try add(Node(operation: .record, a: first, b: Int32(operands.count)), over: operands, type)
        case .decimal(let value): return try call(.decimal, [.string(Text(value.description))], type)
        case .ipaddr(let value): return try call(.ip, [.string(Text(value.description))], type)
        case .duration(let value): return try call(.duration, [.string(Text("\(value.milliseconds)ms"))], type)
        case .datetime(let value):
            let start = try call(.datetime, [.string("1970-01-01")], type)
            guard value.milliseconds != 0 else { return start }
            let span = try node(.duration(TimeSpan(milliseconds: value.milliseconds)), nil)
            return try call(.offset, over: [start, span], type)
        }
    }

    private mutating func call(
        _ function: ExtensionFunction,
        _ arguments: [Value],
        _ type: InferredType?
    ) throws(Failure) -> Int32 {
        var operands: [Int32] = []
        for argument in arguments { operands.append(try node(argument, nil)) }
        return try call(function, over: operands, type)
    }

    private mutating func call(
        _ function: ExtensionFunction,
        over operands: [Int32],
        _ type: InferredType?
    ) throws(Failure) -> Int32 {
        let first = children(operands)
        let node = Node(operation: .call, a: function.rawValue, b: first, c: Int32(operands.count))
        return try add(node, over: operands, type)
    }
}
