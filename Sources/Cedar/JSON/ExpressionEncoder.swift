import Bytes

/// Writes expressions in Cedar's JSON format, which has no chains: `a && b && c` is an `&&` in an `&&`, and
/// `e has a.b` is `e has a && e.a has b`.
struct ExpressionEncoder {
    private let arena: ExpressionArena
    /// How often the current expression is written, because it is within a `has` of several names.
    private var copies = 1

    /// The most copies of an expression.
    ///
    /// What is tested for several names is written once for each of them. Where that would make more copies than this,
    /// the names are written as a list, which the format allows, too: tests within tests would grow exponentially.
    static let copiesMax = 256

    init(_ arena: ExpressionArena) {
        self.arena = arena
    }

    mutating func write(_ index: Int32, to writer: inout JSONWriter) {
        let node = arena.nodes[Int(index)]
        switch node.operation {
        case .constant: writer.write(constant: arena.constants[Int(node.a)])
        case .variable: writer.write(member: "Var", Variable(rawValue: node.a)?.name ?? "")
        case .ifThenElse:
            write("if-then-else", [("if", node.a), ("then", node.b), ("else", node.c)], to: &writer)
        case .and: writeChain(node, name: "&&", to: &writer)
        case .or: writeChain(node, name: "||", to: &writer)
        case .not: write("!", [("arg", node.a)], to: &writer)
        case .negate: write("neg", [("arg", node.a)], to: &writer)
        case .isEmpty: write("isEmpty", [("arg", node.a)], to: &writer)
        case .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual, .in, .contains, .containsAll, .containsAny,
            .hasTag, .getTag:
            write(node.operation.binaryName ?? "", [("left", node.a), ("right", node.b)], to: &writer)
        case .arithmetic: writeArithmetic(node, to: &writer)
        case .access: writeAccess(node.a, names(node)[...], to: &writer)
        case .has: writeHas(node, to: &writer)
        case .like: writeLike(node, to: &writer)
        case .is, .isIn: writeIs(node, to: &writer)
        case .set, .call: writeList(node, to: &writer)
        case .record: writeRecord(node, to: &writer)
        }
    }

    private mutating func write(_ name: Text, _ operands: [(Text, Int32)], to writer: inout JSONWriter) {
        writer.open(name)
        for (name, operand) in operands {
            writer.name(name)
            write(operand, to: &writer)
        }
        writer.close()
    }

    private func children(_ first: Int32, _ count: Int32) -> ArraySlice<Int32> {
        arena.children[Int(first)..<Int(first + count)]
    }

    private func names(_ node: Node) -> [Text] { children(node.b, node.c).map { arena.names[Int($0)] } }

    // MARK: Chains

    private mutating func writeChain(_ node: Node, name: Text, to writer: inout JSONWriter) {
        let operands = children(node.a, node.b)
        guard let first = operands.first else { return }
        for _ in operands.dropFirst() { writer.open(name, "left") }
        write(first, to: &writer)
        for operand in operands.dropFirst() {
            writer.name("right")
            write(operand, to: &writer)
            writer.close()
        }
    }

    private mutating func writeArithmetic(_ node: Node, to writer: inout JSONWriter) {
        let parts = Array(children(node.a, 2 * node.b - 1))
        for place in stride(from: parts.count - 2, to: 0, by: -2) {
            writer.open(ArithmeticOperator(rawValue: parts[place])?.symbol ?? "", "left")
        }
        write(parts[0], to: &writer)
        for place in stride(from: 2, to: parts.count, by: 2) {
            writer.name("right")
            write(parts[place], to: &writer)
            writer.close()
        }
    }

    private mutating func writeAccess(_ operand: Int32, _ names: ArraySlice<Text>, to writer: inout JSONWriter) {
        for _ in names { writer.open(".", "left") }
        write(operand, to: &writer)
        for name in names {
            writer.member("attr", name)
            writer.close()
        }
    }

    private mutating func writeHas(_ node: Node, to writer: inout JSONWriter) {
        let names = names(node)
        guard names.count > 1 else {
            return writeHas(node.a, [], { $0.string(names[0]) }, to: &writer)
        }
        guard names.count <= Self.copiesMax / copies else {
            return writeHas(node.a, [], { $0.write(list: names) }, to: &writer)
        }
        copies *= names.count
        for _ in names.dropFirst() { writer.open("&&", "left") }
        for place in names.indices {
            if place > 0 { writer.name("right") }
            writeHas(node.a, names[..<place], { $0.string(names[place]) }, to: &writer)
            if place > 0 { writer.close() }
        }
        copies /= names.count
    }

    private mutating func writeHas(
        _ operand: Int32,
        _ path: ArraySlice<Text>,
        _ attribute: (inout JSONWriter) -> Void,
        to writer: inout JSONWriter
    ) {
        writer.open("has", "left")
        writeAccess(operand, path, to: &writer)
        writer.name("attr")
        attribute(&writer)
        writer.close()
    }

    // MARK: The others

    private mutating func writeLike(_ node: Node, to writer: inout JSONWriter) {
        writer.open("like", "left")
        write(node.a, to: &writer)
        writer.name("pattern")
        writer.beginArray()
        for (place, segment) in arena.patterns[Int(node.b)].segments.enumerated() {
            if place > 0 { writer.string("Wildcard") }
            // One element for each character, as by the reference implementation.
            for scalar in String(decoding: segment, as: UTF8.self).unicodeScalars {
                writer.write(member: "Literal", Text(String(scalar)))
            }
        }
        writer.endArray()
        writer.close()
    }

    private mutating func writeIs(_ node: Node, to writer: inout JSONWriter) {
        writer.open("is", "left")
        write(node.a, to: &writer)
        writer.member("entity_type", arena.types[Int(node.b)].name)
        if node.operation == .isIn {
            writer.name("in")
            write(node.c, to: &writer)
        }
        writer.close()
    }

    private mutating func writeList(_ node: Node, to writer: inout JSONWriter) {
        let isCall = node.operation == .call
        writer.beginObject()
        writer.name(isCall ? Text(ExtensionFunction(rawValue: node.a)?.name ?? "") : "Set")
        writer.beginArray()
        let elements = isCall ? children(node.b, node.c) : children(node.a, node.b)
        for element in elements { write(element, to: &writer) }
        writer.endArray()
        writer.endObject()
    }

    private mutating func writeRecord(_ node: Node, to writer: inout JSONWriter) {
        writer.open("Record")
        for place in 0..<Int(node.b) {
            writer.name(arena.names[Int(arena.children[Int(node.a) + 2 * place])])
            write(arena.children[Int(node.a) + 2 * place + 1], to: &writer)
        }
        writer.close()
    }
}

extension JSONWriter {
    /// Opens an object within an object.
    fileprivate mutating func open(_ name: Text) {
        beginObject()
        self.name(name)
        beginObject()
    }

    /// Opens an object within an object, and begins with its first member.
    fileprivate mutating func open(_ name: Text, _ member: Text) {
        open(name)
        self.name(member)
    }

    fileprivate mutating func close() {
        endObject()
        endObject()
    }

    fileprivate mutating func write(member name: Text, _ value: Text) {
        beginObject()
        member(name, value)
        endObject()
    }

    fileprivate mutating func write(list: [Text]) {
        beginArray()
        for text in list { string(text) }
        endArray()
    }

    /// Writes a constant as an expression.
    fileprivate mutating func write(constant: Value) {
        switch constant {
        case .bool(let value): writeValue { $0.boolean(value) }
        case .long(let value): writeValue { $0.integer(value) }
        case .string(let value): writeValue { $0.string(value) }
        case .entity(let uid):
            writeValue { writer in
                writer.beginObject()
                writer.name("__entity")
                writer.write(uid)
                writer.endObject()
            }
        case .set(let set): writeCall("Set", set.elements)
        case .record(let record):
            open("Record")
            for field in record.fields {
                name(field.name)
                write(constant: field.value)
            }
            close()
        case .decimal(let value): writeCall("decimal", [.string(Text(value.description))])
        case .ipaddr(let value): writeCall("ip", [.string(Text(value.description))])
        case .datetime(let value): writeDatetime(value)
        case .duration(let value): writeCall("duration", [.string(Text("\(value.milliseconds)ms"))])
        }
    }

    /// Not every instant has a literal of its own, but each is a length of time away from one that has.
    private mutating func writeDatetime(_ value: Datetime) {
        beginObject()
        name("offset")
        beginArray()
        writeCall("datetime", [.string("1970-01-01")])
        writeCall("duration", [.string(Text("\(value.milliseconds)ms"))])
        endArray()
        endObject()
    }

    private mutating func writeValue(_ content: (inout JSONWriter) -> Void) {
        beginObject()
        name("Value")
        content(&self)
        endObject()
    }

    private mutating func writeCall(_ name: Text, _ arguments: [Value]) {
        beginObject()
        self.name(name)
        beginArray()
        for argument in arguments { write(constant: argument) }
        endArray()
        endObject()
    }
}

extension Variable {
    /// The variable as it is written.
    var name: Text {
        switch self {
        case .principal: "principal"
        case .action: "action"
        case .resource: "resource"
        case .context: "context"
        }
    }
}

extension ArithmeticOperator {
    /// The operator as it is written.
    var symbol: Text {
        switch self {
        case .add: "+"
        case .subtract: "-"
        case .multiply: "*"
        }
    }
}

extension Operation {
    /// The name in JSON of an operation on a left and a right operand; `nil` for any other.
    ///
    /// It is also the operator, or the method's name, in Cedar's syntax.
    var binaryName: Text? {
        switch self {
        case .equal: "=="
        case .notEqual: "!="
        case .less: "<"
        case .lessEqual: "<="
        case .greater: ">"
        case .greaterEqual: ">="
        case .in: "in"
        case .contains: "contains"
        case .containsAll: "containsAll"
        case .containsAny: "containsAny"
        case .hasTag: "hasTag"
        case .getTag: "getTag"
        case .constant, .variable, .ifThenElse, .and, .or, .not, .negate, .isEmpty, .arithmetic, .access, .has, .like,
            .is, .isIn, .set, .record, .call:
            nil
        }
    }

    /// The operation of that name in JSON on a left and a right operand.
    static func binary(_ name: Text) -> Operation? { binaryOperations[name] }

    private static let binaryOperations: [Text: Operation] = {
        let all: [Operation] = [
            .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual, .in, .contains, .containsAll, .containsAny,
            .hasTag, .getTag,
        ]
        return Dictionary(
            uniqueKeysWithValues: all.compactMap { operation in
                operation.binaryName.map { ($0, operation) }
            }
        )
    }()
}
