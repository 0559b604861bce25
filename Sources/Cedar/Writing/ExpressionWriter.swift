import Bytes

/// Writes expressions in Cedar's syntax, with no more parentheses than it needs; reading the text gives the same
/// expressions.
struct ExpressionWriter {
    private let arena: ExpressionArena
    private var text = ""

    init(_ arena: ExpressionArena) {
        self.arena = arena
    }

    /// The expression of a node.
    static func text(of root: Int32, in arena: ExpressionArena) -> String {
        var writer = ExpressionWriter(arena)
        writer.write(root, atLeast: .expression)
        return writer.text
    }

    /// How tightly an expression binds, from the loosest to the tightest.
    private enum Precedence: Int, Comparable {
        case expression
        case alternative
        case conjunct
        case relation
        case sum
        case product
        case unary
        case member

        static func < (left: Precedence, right: Precedence) -> Bool { left.rawValue < right.rawValue }

        /// What an operand on the level below has to have.
        var next: Precedence { Precedence(rawValue: rawValue + 1) ?? .member }
    }

    private func precedence(_ node: Node) -> Precedence {
        switch node.operation {
        case .ifThenElse: .expression
        case .or: .alternative
        case .and: .conjunct
        case .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual, .in, .has, .like, .is, .isIn: .relation
        case .arithmetic: isProduct(node) ? .product : .sum
        case .not, .negate: .unary
        case .constant: isNegative(node) ? .unary : .member
        case .variable, .contains, .containsAll, .containsAny, .hasTag, .getTag, .isEmpty, .access, .set, .record,
            .call:
            .member
        }
    }

    private func isProduct(_ node: Node) -> Bool {
        arena.children[Int(node.a) + 1] == ArithmeticOperator.multiply.rawValue
    }

    private func isNegative(_ node: Node) -> Bool {
        guard case .long(let value) = arena.constants[Int(node.a)] else { return false }
        return value < 0
    }

    private mutating func write(_ index: Int32, atLeast minimum: Precedence) {
        let node = arena.nodes[Int(index)]
        let needsParentheses = precedence(node) < minimum
        if needsParentheses { text += "(" }
        write(node)
        if needsParentheses { text += ")" }
    }

    private mutating func write(_ node: Node) {
        switch node.operation {
        case .constant: text += arena.constants[Int(node.a)].description
        case .variable: text += Variable(rawValue: node.a)?.name.string ?? ""
        case .ifThenElse: writeConditional(node)
        case .or: write(children(node.a, node.b), " || ", atLeast: .conjunct)
        case .and: write(children(node.a, node.b), " && ", atLeast: .relation)
        case .not, .negate: writeUnary(node)
        case .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual, .in:
            write(node.a, atLeast: .sum)
            text += " \(node.operation.binaryName ?? "") "
            write(node.b, atLeast: .sum)
        case .contains, .containsAll, .containsAny, .hasTag, .getTag:
            write(node.a, atLeast: .member)
            text += ".\(node.operation.binaryName ?? "")("
            write(node.b, atLeast: .expression)
            text += ")"
        case .isEmpty:
            write(node.a, atLeast: .member)
            text += ".isEmpty()"
        case .arithmetic: writeArithmetic(node)
        case .access: writeAccess(node)
        case .has: writeHas(node)
        case .like:
            write(node.a, atLeast: .sum)
            text += " like \"\(arena.patterns[Int(node.b)])\""
        case .is, .isIn: writeIs(node)
        case .set:
            text += "["
            write(children(node.a, node.b), ", ", atLeast: .expression)
            text += "]"
        case .record: writeRecord(node)
        case .call: writeCall(node)
        }
    }

    private func children(_ first: Int32, _ count: Int32) -> ArraySlice<Int32> {
        arena.children[Int(first)..<Int(first + count)]
    }

    private func names(_ node: Node) -> [Text] { children(node.b, node.c).map { arena.names[Int($0)] } }

    private mutating func write(_ operands: ArraySlice<Int32>, _ separator: String, atLeast minimum: Precedence) {
        for (place, operand) in operands.enumerated() {
            if place > 0 { text += separator }
            write(operand, atLeast: minimum)
        }
    }

    private mutating func writeConditional(_ node: Node) {
        text += "if "
        write(node.a, atLeast: .expression)
        text += " then "
        write(node.b, atLeast: .expression)
        text += " else "
        write(node.c, atLeast: .expression)
    }

    /// An operand that is a sign itself stands in parentheses, because signs in a row are limited; so does a number
    /// after a minus, which would be one negative number.
    private mutating func writeUnary(_ node: Node) {
        text += node.operation == .not ? "!" : "-"
        let operand = arena.nodes[Int(node.a)]
        let isNumber = operand.operation == .constant && isLong(operand)
        if node.operation == .negate, isNumber {
            text += "("
            write(operand)
            text += ")"
        } else {
            write(node.a, atLeast: .member)
        }
    }

    private func isLong(_ node: Node) -> Bool {
        guard case .long = arena.constants[Int(node.a)] else { return false }
        return true
    }

    private mutating func writeArithmetic(_ node: Node) {
        let level = isProduct(node) ? Precedence.product : .sum
        write(arena.children[Int(node.a)], atLeast: level.next)
        for place in 1..<Int(node.b) {
            let first = Int(node.a) + 2 * place - 1
            text += " \(ArithmeticOperator(rawValue: arena.children[first])?.symbol ?? "") "
            write(arena.children[first + 1], atLeast: level.next)
        }
    }

    private mutating func writeAccess(_ node: Node) {
        write(node.a, atLeast: .member)
        for name in names(node) { text += Identifier.isUsable(name.utf8) ? ".\(name)" : "[\(Escapes.quoted(name))]" }
    }

    private mutating func writeHas(_ node: Node) {
        write(node.a, atLeast: .sum)
        // The names of a path are identifiers, as the readers see to.
        let names = names(node)
        text += " has \(names.count == 1 ? Self.key(names[0]) : names.map(\.string).joined(separator: "."))"
    }

    private mutating func writeIs(_ node: Node) {
        write(node.a, atLeast: .sum)
        text += " is \(arena.types[Int(node.b)])"
        guard node.operation == .isIn else { return }
        text += " in "
        write(node.c, atLeast: .sum)
    }

    private mutating func writeRecord(_ node: Node) {
        text += "{"
        for place in 0..<Int(node.b) {
            if place > 0 { text += ", " }
            text += "\(Self.key(arena.names[Int(arena.children[Int(node.a) + 2 * place])])): "
            write(arena.children[Int(node.a) + 2 * place + 1], atLeast: .expression)
        }
        text += "}"
    }

    private mutating func writeCall(_ node: Node) {
        guard let function = ExtensionFunction(rawValue: node.a) else { return }
        var arguments = children(node.b, node.c)
        if !function.isConstructor, let receiver = arguments.popFirst() {
            write(receiver, atLeast: .member)
            text += "."
        }
        text += "\(function.name)("
        write(arguments, ", ", atLeast: .expression)
        text += ")"
    }

    /// The name of an attribute, in quotes if it needs them.
    static func key(_ name: Text) -> String {
        Identifier.isUsable(name.utf8) ? name.string : Escapes.quoted(name)
    }
}
