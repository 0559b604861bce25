import Bytes

/// Reads expressions in Cedar's JSON format.
struct ExpressionDecoder {
    private(set) var builder = ExpressionBuilder()
    /// How many expressions are open around the current one.
    private var depth = 0

    private static let nowhere = ByteRange(start: 0, end: 0)

    /// Reads an expression: an object with one member, whose name says what it is.
    ///
    /// The left sides of chains are followed in a loop, so that only what nests in Cedar's syntax nests here.
    mutating func expression(_ json: JSONValue) throws(DecodingError) -> Int32 {
        depth += 1
        guard depth <= SourceLimits.nestingMax else { throw DecodingError(.limitExceeded) }
        defer { depth -= 1 }
        let (name, content) = try Self.only(json)
        if let chain = ChainKind(name) { return try self.chain(json, chain) }
        do throws(DecodingError) {
            return try expression(name, content)
        } catch {
            throw error.inside(name.string)
        }
    }

    /// The one member of an expression.
    private static func only(_ json: JSONValue) throws(DecodingError) -> (Text, JSONValue) {
        guard json.kind == .object else { throw json.mismatch("expression") }
        var members = json.members
        guard json.count == 1, let member = members.next() else {
            throw DecodingError(.invalid("an expression is an object with one member, not \(json.count)"))
        }
        return (member.name, member.value)
    }

    private mutating func expression(_ name: Text, _ content: JSONValue) throws(DecodingError) -> Int32 {
        if let operation = Operation.binary(name) { return try binary(operation, content) }
        switch name {
        case "Value": return try value(content)
        case "Var": return try variable(content)
        case "!": return try unary(.not, content)
        case "neg": return try unary(.negate, content)
        case "isEmpty": return try unary(.isEmpty, content)
        case "if-then-else": return try conditional(content)
        case "has": return try has(content)
        case "like": return try like(content)
        case "is": return try typeTest(content)
        case "Set": return try add(.set, list: content)
        case "Record":
            return try record(content) { (decoder, json) throws(DecodingError) in try decoder.expression(json) }
        case "Slot": throw DecodingError(.invalid("template slots can stand only in the scope"))
        default: return try call(name, content)
        }
    }

    private mutating func add(_ node: Node, over operands: [Int32] = []) throws(DecodingError) -> Int32 {
        do throws(SyntaxFailure) {
            return try builder.add(node, Self.nowhere, over: operands)
        } catch {
            throw DecodingError(.limitExceeded)
        }
    }

    /// Reads a member that is an expression.
    private mutating func operand(_ json: JSONValue, _ name: Text) throws(DecodingError) -> Int32 {
        do throws(DecodingError) {
            return try expression(try json.memberHere(name))
        } catch {
            throw error.inside(name.string)
        }
    }

    // MARK: Chains

    /// What is written as nested objects, but is one node.
    private enum ChainKind {
        case and
        case or
        case sum
        case product
        case access

        init?(_ name: Text) {
            switch name {
            case "&&": self = .and
            case "||": self = .or
            case "+", "-": self = .sum
            case "*": self = .product
            case ".": self = .access
            default: return nil
            }
        }
    }

    /// Follows the left sides, the outermost first, then reads the operands, the innermost first.
    private mutating func chain(_ json: JSONValue, _ kind: ChainKind) throws(DecodingError) -> Int32 {
        var links: [(name: Text, content: JSONValue)] = []
        var left = json
        while left.kind == .object, left.count == 1, let member = left.members.first(where: { _ in true }),
            ChainKind(member.name) == kind
        {
            do throws(DecodingError) {
                try member.value.checkMembers(required: ["left", kind == .access ? "attr" : "right"])
                left = try member.value.member("left")
            } catch {
                throw error.inside(member.name.string).inside(Self.path(links.map(\.name)))
            }
            links.append((member.name, member.value))
        }
        let first: Int32
        do throws(DecodingError) {
            first = try expression(left)
        } catch {
            throw error.inside(Self.path(links.map(\.name)))
        }
        return try chain(kind, from: first, links)
    }

    private mutating func chain(
        _ kind: ChainKind,
        from first: Int32,
        _ links: [(name: Text, content: JSONValue)]
    ) throws(DecodingError) -> Int32 {
        var operands = [first]
        var symbols: [ArithmeticOperator] = []
        var names: [Int32] = []
        for place in links.indices.reversed() {
            let (name, content) = links[place]
            do throws(DecodingError) {
                if kind == .access {
                    names.append(builder.name(try content.text("attr")))
                } else {
                    operands.append(try operand(content, "right"))
                    symbols.append(name == "+" ? .add : name == "-" ? .subtract : .multiply)
                }
            } catch {
                let path = error.inside(name.string)
                throw place == 0 ? path : path.inside(Self.path(links[..<place].map(\.name)))
            }
        }
        let count = Int32(operands.count)
        switch kind {
        case .and: return try add(Node(operation: .and, a: builder.addChildren(operands), b: count), over: operands)
        case .or: return try add(Node(operation: .or, a: builder.addChildren(operands), b: count), over: operands)
        case .sum, .product:
            let children = [first] + zip(symbols, operands.dropFirst()).flatMap { [$0.rawValue, $1] }
            return try add(
                Node(operation: .arithmetic, a: builder.addChildren(children), b: count),
                over: operands
            )
        case .access:
            let node = Node(operation: .access, a: first, b: builder.addChildren(names), c: Int32(names.count))
            return try add(node, over: [first])
        }
    }

    /// The path through the left sides of a chain, shortened if it is long.
    private static func path(_ names: [Text]) -> String {
        let shown = names.prefix(pathNamesMax).map { "\($0).left" }.joined(separator: ".")
        return names.count > pathNamesMax ? "\(shown)…" : shown
    }

    private static let pathNamesMax = 8

    // MARK: Operators

    private mutating func unary(_ operation: Operation, _ json: JSONValue) throws(DecodingError) -> Int32 {
        try json.checkMembers(required: ["arg"])
        let argument = try operand(json, "arg")
        return try add(Node(operation: operation, a: argument), over: [argument])
    }

    private mutating func binary(_ operation: Operation, _ json: JSONValue) throws(DecodingError) -> Int32 {
        try json.checkMembers(required: ["left", "right"])
        let left = try operand(json, "left")
        let right = try operand(json, "right")
        return try add(Node(operation: operation, a: left, b: right), over: [left, right])
    }

    private mutating func conditional(_ json: JSONValue) throws(DecodingError) -> Int32 {
        try json.checkMembers(required: ["if", "then", "else"])
        let condition = try operand(json, "if")
        let consequence = try operand(json, "then")
        let alternative = try operand(json, "else")
        let node = Node(operation: .ifThenElse, a: condition, b: consequence, c: alternative)
        return try add(node, over: [condition, consequence, alternative])
    }

    /// Reads `has`, whose attribute may be a list of names, which is `e has a.b`.
    private mutating func has(_ json: JSONValue) throws(DecodingError) -> Int32 {
        try json.checkMembers(required: ["left", "attr"])
        let left = try operand(json, "left")
        let attribute = try json.member("attr")
        var names: [Int32] = []
        if attribute.kind == .array {
            for element in attribute.elements {
                guard let name = element.string else { throw element.mismatch("string").inside("attr") }
                // What is a path in Cedar's syntax has identifiers only.
                guard attribute.count == 1 || Identifier.isUsable(name.utf8) else {
                    throw DecodingError(.invalid("not an identifier, as the names of a path have to be"), at: "attr")
                }
                names.append(builder.name(name))
            }
            guard !names.isEmpty else { throw DecodingError(.invalid("no name of an attribute"), at: "attr") }
        } else {
            names.append(builder.name(try json.text("attr")))
        }
        let node = Node(operation: .has, a: left, b: builder.addChildren(names), c: Int32(names.count))
        return try add(node, over: [left])
    }

    private mutating func typeTest(_ json: JSONValue) throws(DecodingError) -> Int32 {
        try json.checkMembers(required: ["left", "entity_type"], optional: ["in"])
        let left = try operand(json, "left")
        let type = builder.type(try json.entityType("entity_type"))
        guard json["in"] != nil else { return try add(Node(operation: .is, a: left, b: type), over: [left]) }
        let ancestor = try operand(json, "in")
        return try add(Node(operation: .isIn, a: left, b: type, c: ancestor), over: [left, ancestor])
    }

    private mutating func like(_ json: JSONValue) throws(DecodingError) -> Int32 {
        try json.checkMembers(required: ["left", "pattern"])
        let left = try operand(json, "left")
        var segments: [[UInt8]] = [[]]
        let elements: [[UInt8]?]
        do throws(DecodingError) {
            elements = try json.member("pattern").decodeElements { (json) throws(DecodingError) in
                try Self.patternElement(json)
            }
        } catch {
            throw error.inside("pattern")
        }
        for element in elements {
            if let element { segments[segments.count - 1] += element } else { segments.append([]) }
        }
        let pattern = builder.pattern(Pattern(segments: segments))
        return try add(Node(operation: .like, a: left, b: pattern), over: [left])
    }

    /// The bytes of a literal; `nil` for the wildcard.
    private static func patternElement(_ json: JSONValue) throws(DecodingError) -> [UInt8]? {
        if json.string == "Wildcard" { return nil }
        guard json.kind == .object else {
            throw DecodingError(.invalid("neither \"Wildcard\" nor {\"Literal\": …}"))
        }
        try json.checkMembers(required: ["Literal"])
        return Array(try json.text("Literal").utf8)
    }

    // MARK: Values

    private mutating func variable(_ json: JSONValue) throws(DecodingError) -> Int32 {
        let all: [Variable] = [.principal, .action, .resource, .context]
        guard let name = json.string else { throw json.mismatch("string") }
        guard let variable = all.first(where: { $0.name == name }) else {
            throw DecodingError(.invalid("not one of `principal`, `action`, `resource` and `context`"))
        }
        return try add(Node(operation: .variable, a: variable.rawValue))
    }

    /// Reads a literal in the format of attributes: sets, records and escapes included.
    private mutating func value(_ json: JSONValue) throws(DecodingError) -> Int32 {
        depth += 1
        guard depth <= SourceLimits.nestingMax else { throw DecodingError(.limitExceeded) }
        defer { depth -= 1 }
        switch json.kind {
        case .null, .true, .false, .integer, .fraction, .string:
            return try constant(try ValueDecoder().value(json))
        case .array:
            let elements = try elements(json) { (decoder, json) throws(DecodingError) in try decoder.value(json) }
            return try add(
                Node(operation: .set, a: builder.addChildren(elements), b: Int32(elements.count)),
                over: elements
            )
        case .object:
            if json["__entity"] != nil { return try constant(.entity(try ValueDecoder().entityUID(json))) }
            if let call = json["__extn"] { return try extensionValue(json, call) }
            guard json["__expr"] == nil else { throw DecodingError(.malformedEscape) }
            return try record(json) { (decoder, json) throws(DecodingError) in try decoder.value(json) }
        }
    }

    private mutating func constant(_ value: Value) throws(DecodingError) -> Int32 {
        try add(Node(operation: .constant, a: builder.constant(value)))
    }

    private mutating func extensionValue(_ json: JSONValue, _ content: JSONValue) throws(DecodingError) -> Int32 {
        guard json.count == 1, content.kind == .object, content.count == 2, let name = content["fn"]?.string else {
            throw DecodingError(.malformedEscape)
        }
        let arguments: [Int32]
        if let argument = content["arg"] {
            arguments = [try value(argument)]
        } else if let list = content["args"] {
            arguments = try elements(list) { (decoder, json) throws(DecodingError) in try decoder.value(json) }
        } else {
            throw DecodingError(.malformedEscape)
        }
        return try call(name, arguments)
    }

    private mutating func call(_ name: Text, _ json: JSONValue) throws(DecodingError) -> Int32 {
        guard ExtensionFunction.named(name.string) != nil else { throw DecodingError(.unknownFunction(name.string)) }
        return try call(
            name,
            elements(json) { (decoder, json) throws(DecodingError) in try decoder.expression(json) }
        )
    }

    /// A wrong number of arguments is an error at evaluation, as in Cedar's syntax; but a method needs a receiver.
    private mutating func call(_ name: Text, _ arguments: [Int32]) throws(DecodingError) -> Int32 {
        guard let function = ExtensionFunction.named(name.string) else {
            throw DecodingError(.unknownFunction(name.string))
        }
        guard function.isConstructor || !arguments.isEmpty else {
            throw DecodingError(.invalid("a method needs what it is called on"))
        }
        let first = builder.addChildren(arguments)
        let node = Node(operation: .call, a: function.rawValue, b: first, c: Int32(arguments.count))
        return try add(node, over: arguments)
    }

    private mutating func add(_ operation: Operation, list: JSONValue) throws(DecodingError) -> Int32 {
        let elements = try elements(list) { (decoder, json) throws(DecodingError) in try decoder.expression(json) }
        return try add(
            Node(operation: operation, a: builder.addChildren(elements), b: Int32(elements.count)),
            over: elements
        )
    }

    private mutating func elements(
        _ json: JSONValue,
        _ decode: (inout ExpressionDecoder, JSONValue) throws(DecodingError) -> Int32
    ) throws(DecodingError) -> [Int32] {
        try json.decodeElements { (json) throws(DecodingError) in try decode(&self, json) }
    }

    private mutating func record(
        _ json: JSONValue,
        _ decode: (inout ExpressionDecoder, JSONValue) throws(DecodingError) -> Int32
    ) throws(DecodingError) -> Int32 {
        guard json.kind == .object else { throw json.mismatch("object") }
        // The reader of JSON has refused duplicate names.
        var fields: [(name: Text, operand: Int32)] = []
        for member in json.members {
            do throws(DecodingError) {
                fields.append((member.name, try decode(&self, member.value)))
            } catch {
                throw error.inside(member.name.string)
            }
        }
        fields.sort { $0.name < $1.name }
        let children = fields.flatMap { [builder.name($0.name), $0.operand] }
        let node = Node(operation: .record, a: builder.addChildren(children), b: Int32(fields.count))
        return try add(node, over: fields.map(\.operand))
    }
}

extension JSONValue {
    /// A member that has been checked to be there; its absence is reported without its name.
    fileprivate func memberHere(_ name: Text) throws(DecodingError) -> JSONValue {
        guard let value = self[name] else { throw DecodingError(.missing) }
        return value
    }
}
