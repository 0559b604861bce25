import Bytes

/// Numbers the expressions of a set by what is written, so that two that are written alike have the same number.
///
/// What a guard says of `principal.manager` holds for every other `principal.manager`, too. Forms that Cedar defines
/// by others, such as `a > b` by `!(a <= b)`, have the number of what they mean.
final class ExpressionShapes {
    private let arena: ExpressionArena
    private var shapes: [Int32: Int32] = [:]
    private var numbers: [Key: Int32] = [:]
    private var constants: [Value: Int32] = [:]
    private var names: [Text: Int32] = [:]
    private var types: [EntityType: Int32] = [:]
    private var patterns: [Pattern: Int32] = [:]

    private struct Key: Hashable {
        let operation: Operation
        let parts: [Int32]
    }

    init(_ arena: ExpressionArena) {
        self.arena = arena
    }

    /// The number of an expression.
    func shape(of node: Int32) -> Int32 {
        if let shape = shapes[node] { return shape }
        let shape = compute(arena.nodes[Int(node)])
        shapes[node] = shape
        return shape
    }

    /// The number of an attribute access to an expression of that number.
    func access(_ operand: Int32, _ name: Text) -> Int32 { number(.access, [operand, self.name(name)]) }

    /// The number of a name.
    func name(_ name: Text) -> Int32 { Self.number(name, in: &names) }

    private func compute(_ node: Node) -> Int32 {
        switch node.operation {
        case .constant: return number(.constant, [Self.number(arena.constants[Int(node.a)], in: &constants)])
        case .variable: return number(.variable, [node.a])
        case .ifThenElse: return number(.ifThenElse, [shape(of: node.a), shape(of: node.b), shape(of: node.c)])
        case .and, .or: return chain(node)
        case .not, .negate, .isEmpty: return number(node.operation, [shape(of: node.a)])
        case .notEqual: return number(.not, [binary(.equal, node)])
        case .greater: return number(.not, [binary(.lessEqual, node)])
        case .greaterEqual: return number(.not, [binary(.less, node)])
        case .equal, .less, .lessEqual, .in, .contains, .containsAll, .containsAny, .hasTag, .getTag:
            return binary(node.operation, node)
        case .arithmetic: return arithmetic(node)
        case .access: return path(node)
        case .has: return hasPath(node)
        case .like:
            return number(.like, [shape(of: node.a), Self.number(arena.patterns[Int(node.b)], in: &patterns)])
        case .is: return isType(node)
        case .isIn: return number(.and, [isType(node), number(.in, [shape(of: node.a), shape(of: node.c)])])
        case .set: return number(.set, children(node.a, node.b).map(shape))
        case .record: return record(node)
        case .call: return number(.call, [node.a] + children(node.b, node.c).map(shape))
        }
    }

    private func children(_ first: Int32, _ count: Int32) -> ArraySlice<Int32> {
        arena.children[Int(first)..<Int(first + count)]
    }

    private func binary(_ operation: Operation, _ node: Node) -> Int32 {
        number(operation, [shape(of: node.a), shape(of: node.b)])
    }

    private func chain(_ node: Node) -> Int32 {
        let parts = children(node.a, node.b).map(shape)
        return parts.dropFirst().reduce(parts[0]) { number(node.operation, [$0, $1]) }
    }

    private func arithmetic(_ node: Node) -> Int32 {
        let parts = children(node.a, 2 * node.b - 1)
        var result = shape(of: parts[parts.startIndex])
        for place in stride(from: parts.startIndex + 1, to: parts.endIndex, by: 2) {
            result = number(.arithmetic, [result, parts[place], shape(of: parts[place + 1])])
        }
        return result
    }

    private func path(_ node: Node) -> Int32 {
        children(node.b, node.c).reduce(shape(of: node.a)) { access($0, arena.names[Int($1)]) }
    }

    private func hasPath(_ node: Node) -> Int32 {
        var operand = shape(of: node.a)
        var result: Int32?
        for child in children(node.b, node.c) {
            let name = arena.names[Int(child)]
            let step = number(.has, [operand, self.name(name)])
            result = result.map { number(.and, [$0, step]) } ?? step
            operand = access(operand, name)
        }
        return result ?? operand
    }

    private func isType(_ node: Node) -> Int32 {
        number(.is, [shape(of: node.a), Self.number(arena.types[Int(node.b)], in: &types)])
    }

    private func record(_ node: Node) -> Int32 {
        var parts: [Int32] = []
        for place in 0..<Int(node.b) {
            let first = Int(node.a) + 2 * place
            parts.append(name(arena.names[Int(arena.children[first])]))
            parts.append(shape(of: arena.children[first + 1]))
        }
        return number(.record, parts)
    }

    private func number(_ operation: Operation, _ parts: [Int32]) -> Int32 {
        Self.number(Key(operation: operation, parts: parts), in: &numbers)
    }

    private static func number<Item: Hashable>(_ item: Item, in table: inout [Item: Int32]) -> Int32 {
        if let number = table[item] { return number }
        let number = Int32(table.count)
        table[item] = number
        return number
    }
}

/// What is known to exist while an expression is evaluated, because something before it said so (cedar-spec
/// `Validation/Capability.lean`).
struct Capabilities {
    /// One attribute or tag of one expression, by their numbers.
    struct Item: Hashable, Comparable {
        let expression: Int32
        let name: Int32
        let isTag: Bool

        static func < (left: Item, right: Item) -> Bool {
            if left.expression != right.expression { return left.expression < right.expression }
            return left.name != right.name ? left.name < right.name : !left.isTag && right.isTag
        }
    }

    /// Sorted, without duplicates.
    private var items: [Item]

    static let none = Capabilities(items: [])

    private init(items: [Item]) {
        self.items = items
    }

    init(_ item: Item) {
        items = [item]
    }

    func contains(_ item: Item) -> Bool {
        let place = Self.place(of: item, in: items)
        return place < items.count && items[place] == item
    }

    /// What either says.
    func union(_ other: Capabilities, _ steps: ValidationSteps) -> Capabilities {
        guard !other.items.isEmpty else { return self }
        guard !items.isEmpty else { return other }
        let (large, small) = items.count < other.items.count ? (other.items, items) : (items, other.items)
        guard steps.take(small.count + large.count / 64) else { return self }
        var result = large
        for item in small {
            let place = Self.place(of: item, in: result)
            if place == result.count || result[place] != item { result.insert(item, at: place) }
        }
        return Capabilities(items: result)
    }

    /// What both say.
    func intersection(_ other: Capabilities, _ steps: ValidationSteps) -> Capabilities {
        guard steps.take(items.count) else { return .none }
        return Capabilities(items: items.filter(other.contains))
    }

    private static func place(of item: Item, in items: [Item]) -> Int {
        var low = 0
        var high = items.count
        while low < high {
            let middle = (low + high) / 2
            if items[middle] < item { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
