import Bytes

/// What one node of an expression does with its operands (cedar-spec `Expr.lean`).
enum Operation: UInt8, Sendable {
    /// `a`: index of a constant.
    case constant
    /// `a`: raw value of ``Variable``.
    case variable
    /// `a`, `b`, `c`: condition and branches.
    case ifThenElse
    /// `a`, `b`: first child and number of children, at least two.
    case and
    /// As `and`.
    case or
    /// `a`: operand.
    case not
    /// `a`: operand.
    case negate
    /// `a`, `b`: operands; so for all binary operations.
    case equal
    case notEqual
    case less
    case lessEqual
    case greater
    case greaterEqual
    case `in`
    case contains
    case containsAll
    case containsAny
    case hasTag
    case getTag
    /// `a`: operand.
    case isEmpty
    /// `a`: first child; `b`: number of operands. Children: an operand, then pairs of raw ``ArithmeticOperator`` and
    /// operand.
    case arithmetic
    /// `a`: operand; `b`, `c`: first child and number of children, which are names.
    case access
    /// As `access`: `e has a.b.c`.
    case has
    /// `a`: operand; `b`: index of a pattern.
    case like
    /// `a`: operand; `b`: index of a type.
    case `is`
    /// `a`: operand; `b`: index of a type; `c`: operand of `in`.
    case isIn
    /// `a`, `b`: first child and number of elements.
    case set
    /// `a`, `b`: first child and number of fields. Children: pairs of name and operand, sorted by name.
    case record
    /// `a`: raw value of ``ExtensionFunction``; `b`, `c`: first child and number of arguments.
    case call
}

/// The variables of an expression.
enum Variable: Int32, BitwiseCopyable, Sendable {
    case principal
    case action
    case resource
    case context
}

/// The operators of a chain of sums or products.
enum ArithmeticOperator: Int32, Sendable {
    case add
    case subtract
    case multiply
}

/// One node of an expression: trivial, so that evaluating shares nothing that counts references.
struct Node: Sendable {
    var operation: Operation
    var a: Int32
    var b: Int32 = 0
    var c: Int32 = 0
}

/// The expressions of a policy set in flat arrays; nodes refer to each other and to the tables by index.
struct ExpressionArena: Sendable {
    var nodes: [Node] = []
    var children: [Int32] = []
    var constants: [Value] = []
    var names: [Text] = []
    var patterns: [Pattern] = []
    var types: [EntityType] = []

    /// Appends another arena.
    ///
    /// - Returns: The place of the other one's first node.
    mutating func append(_ other: ExpressionArena) -> Int32 {
        let offset = Offsets(self)
        nodes += other.nodes.map(offset.moved)
        children += other.movedChildren(offset)
        constants += other.constants
        names += other.names
        patterns += other.patterns
        types += other.types
        return offset.nodes
    }

    /// Where the tables of one arena begin within another.
    private struct Offsets {
        let nodes: Int32
        let children: Int32
        let constants: Int32
        let names: Int32
        let patterns: Int32
        let types: Int32

        init(_ arena: ExpressionArena) {
            nodes = Int32(arena.nodes.count)
            children = Int32(arena.children.count)
            constants = Int32(arena.constants.count)
            names = Int32(arena.names.count)
            patterns = Int32(arena.patterns.count)
            types = Int32(arena.types.count)
        }

        func moved(_ node: Node) -> Node {
            var moved = node
            switch node.operation {
            case .constant: moved.a += constants
            case .variable: break
            case .ifThenElse: (moved.a, moved.b, moved.c) = (node.a + nodes, node.b + nodes, node.c + nodes)
            case .and, .or, .arithmetic, .set, .record: moved.a += children
            case .not, .negate, .isEmpty: moved.a += nodes
            case .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual, .in, .contains, .containsAll,
                .containsAny, .hasTag, .getTag:
                (moved.a, moved.b) = (node.a + nodes, node.b + nodes)
            case .access, .has: (moved.a, moved.b) = (node.a + nodes, node.b + children)
            case .like: (moved.a, moved.b) = (node.a + nodes, node.b + patterns)
            case .is: (moved.a, moved.b) = (node.a + nodes, node.b + types)
            case .isIn: (moved.a, moved.b, moved.c) = (node.a + nodes, node.b + types, node.c + nodes)
            case .call: moved.b += children
            }
            return moved
        }
    }

    /// The children as they are within another arena: what they mean depends on the node that they belong to.
    private func movedChildren(_ offset: Offsets) -> [Int32] {
        var moved = children
        for node in nodes {
            switch node.operation {
            case .and, .or, .set:
                for place in Int(node.a)..<Int(node.a + node.b) { moved[place] += offset.nodes }
            case .arithmetic:
                for place in 0..<Int(node.b) { moved[Int(node.a) + 2 * place] += offset.nodes }
            case .record:
                for place in 0..<Int(node.b) {
                    moved[Int(node.a) + 2 * place] += offset.names
                    moved[Int(node.a) + 2 * place + 1] += offset.nodes
                }
            case .access, .has:
                for place in Int(node.b)..<Int(node.b + node.c) { moved[place] += offset.names }
            case .call:
                for place in Int(node.b)..<Int(node.b + node.c) { moved[place] += offset.nodes }
            case .constant, .variable, .ifThenElse, .not, .negate, .equal, .notEqual, .less, .lessEqual, .greater,
                .greaterEqual, .in, .contains, .containsAll, .containsAny, .hasTag, .getTag, .isEmpty, .like, .is,
                .isIn:
                break
            }
        }
        return moved
    }
}

/// An arena that grows while a text is parsed, with what only the parser and the compiler need.
struct ExpressionBuilder {
    private(set) var arena = ExpressionArena()
    /// Where each node stands in the source.
    private(set) var ranges: [ByteRange] = []
    /// How deep each node nests.
    private var heights: [Int] = []
    private var nameIndexes: [Text: Int32] = [:]
    private var typeIndexes: [EntityType: Int32] = [:]
    private var constantIndexes: [Value: Int32] = [:]

    mutating func add(_ node: Node, _ range: ByteRange, over operands: [Int32] = []) throws(SyntaxFailure) -> Int32 {
        let height = 1 + operands.reduce(0) { max($0, heights[Int($1)]) }
        guard height <= SourceLimits.nestingMax else { throw Self.tooDeep(range) }
        arena.nodes.append(node)
        ranges.append(range)
        heights.append(height)
        return Int32(arena.nodes.count - 1)
    }

    static func tooDeep(_ range: ByteRange) -> SyntaxFailure {
        SyntaxFailure(.limitExceeded, "nested deeper than \(SourceLimits.nestingMax) levels", range)
    }

    mutating func addChildren(_ values: [Int32]) -> Int32 {
        arena.children.append(contentsOf: values)
        return Int32(arena.children.count - values.count)
    }

    mutating func name(_ text: Text) -> Int32 {
        if let index = nameIndexes[text] { return index }
        arena.names.append(text)
        let index = Int32(arena.names.count - 1)
        nameIndexes[text] = index
        return index
    }

    mutating func type(_ type: EntityType) -> Int32 {
        if let index = typeIndexes[type] { return index }
        arena.types.append(type)
        let index = Int32(arena.types.count - 1)
        typeIndexes[type] = index
        return index
    }

    mutating func constant(_ value: Value) -> Int32 {
        if let index = constantIndexes[value] { return index }
        arena.constants.append(value)
        let index = Int32(arena.constants.count - 1)
        constantIndexes[value] = index
        return index
    }

    mutating func pattern(_ pattern: Pattern) -> Int32 {
        arena.patterns.append(pattern)
        return Int32(arena.patterns.count - 1)
    }

    /// Adds an access to an attribute; a chain of accesses is one node.
    mutating func access(_ operand: Int32, _ name: Text, _ range: ByteRange) throws(SyntaxFailure) -> Int32 {
        let index = self.name(name)
        let last = arena.nodes.count - 1
        if operand == last, arena.nodes[last].operation == .access,
            Int(arena.nodes[last].b + arena.nodes[last].c) == arena.children.count
        {
            arena.children.append(index)
            arena.nodes[last].c += 1
            ranges[last].end = range.end
            return operand
        }
        let first = addChildren([index])
        return try add(Node(operation: .access, a: operand, b: first, c: 1), range, over: [operand])
    }
}
