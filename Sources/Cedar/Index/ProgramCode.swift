import Bytes

/// The code of a program while it is built.
struct ProgramCode {
    private(set) var nodes: [CodeNode] = []
    private(set) var children: [Int32] = []
    private(set) var patterns: [Pattern] = []
    private(set) var paths: [PathRow] = []
    private(set) var pathNames: [Int32] = []
    /// The entities that stand on the right of an `in`.
    private(set) var groups: Set<Int32> = []
    /// Whether an `in` has no constant on its right.
    private(set) var usesAncestors = false
    private var pathNumbers: [AttributeChain: Int32] = [:]

    /// The most paths that a program reads by number; conditions with others are left to the plain evaluator.
    ///
    /// Every decision has a place for the value of each, of sixteen bytes.
    static let pathsMax = 256
    /// The most attributes of such a path.
    static let pathNamesMax = 32

    mutating func add(_ node: CodeNode) -> Int32 {
        if node.operation == .in || node.operation == .isIn { usesAncestors = true }
        nodes.append(node)
        return Int32(nodes.count - 1)
    }

    mutating func addChildren(_ values: [Int32]) -> Int32 {
        children.append(contentsOf: values)
        return Int32(children.count - values.count)
    }

    mutating func pattern(_ pattern: Pattern) -> Int32 {
        patterns.append(pattern)
        return Int32(patterns.count - 1)
    }

    /// Takes note of a group that policies mention.
    mutating func group(_ entity: Int32) -> Int32 {
        groups.insert(entity)
        return entity
    }

    mutating func variableInAny(_ variable: Variable, _ entities: [Int32]) -> Int32 {
        groups.formUnion(entities)
        let first = addChildren(entities)
        return add(
            CodeNode(operation: .variableInAny, a: variable.rawValue, b: first, c: Int32(entities.count))
        )
    }

    /// The number of a path of at least one attribute; `nil` beyond ``pathsMax`` and ``pathNamesMax``.
    mutating func path(_ chain: AttributeChain, _ symbols: inout ProgramSymbols) -> Int32? {
        if let number = pathNumbers[chain] { return number }
        guard paths.count < Self.pathsMax, chain.names.count <= Self.pathNamesMax else { return nil }
        let number = Int32(paths.count)
        paths.append(
            PathRow(
                variable: chain.variable,
                firstName: Int32(pathNames.count),
                nameCount: Int32(chain.names.count)
            )
        )
        for name in chain.names { pathNames.append(symbols.name(name)) }
        pathNumbers[chain] = number
        return number
    }

    /// The number of a path, if it has one.
    func knownPath(_ chain: AttributeChain) -> Int32? { pathNumbers[chain] }
}
