import Bytes

extension PolicyParser {
    /// Reads a primary expression with its accesses and method calls.
    mutating func member() throws(SyntaxFailure) -> Int32 {
        let start = reader.start
        var operand = try primary()
        while true {
            if reader.kind == .dot {
                operand = try dot(operand, start)
            } else if reader.kind == .leftBracket {
                operand = try index(operand, start)
            } else {
                try refuseCall()
                return operand
            }
        }
    }

    /// Reads `.name` or `.name(…)`.
    private mutating func dot(_ operand: Int32, _ start: Int32) throws(SyntaxFailure) -> Int32 {
        reader.advance()
        let name = try reader.identifier("after `.`")
        guard reader.kind != .leftParenthesis else { return try method(name, on: operand, start) }
        return try builder.access(operand, Text(reader.text(name)), reader.range(from: start))
    }

    private mutating func index(_ operand: Int32, _ start: Int32) throws(SyntaxFailure) -> Int32 {
        reader.advance()
        let name = try reader.string("as the name of an attribute")
        try reader.expect(.rightBracket, "after the name of an attribute")
        return try builder.access(operand, name, reader.range(from: start))
    }

    private func refuseCall() throws(SyntaxFailure) {
        guard reader.kind == .leftParenthesis else { return }
        let message = "only functions and methods can be called"
        throw SyntaxFailure(.unknownFunction, message, reader.current.range)
    }

    private mutating func primary() throws(SyntaxFailure) -> Int32 {
        switch reader.kind {
        case .leftParenthesis: return try parenthesis()
        case .leftBracket: return try setLiteral()
        case .leftBrace: return try recordLiteral()
        default: break
        }
        let start = reader.start
        switch try atom() {
        case .node(let node): return node
        case .function(let function): return try call(function, try expressions(until: .rightParenthesis), start)
        case .unknownFunction:
            _ = try expressions(until: .rightParenthesis)
            return try placeholder(reader.range(from: start))
        }
    }

    private mutating func parenthesis() throws(SyntaxFailure) -> Int32 {
        let start = reader.start
        reader.advance()
        let root = try expression()
        try reader.expect(.rightParenthesis, "to close the parenthesis", closing: start)
        return root
    }

    /// Stands for what is wrong but has been reported, so that reading goes on.
    private mutating func placeholder(_ range: ByteRange) throws(SyntaxFailure) -> Int32 {
        try builder.add(Node(operation: .constant, a: builder.constant(.bool(true))), range)
    }

    // MARK: Sets, records and arguments

    private mutating func setLiteral() throws(SyntaxFailure) -> Int32 {
        let start = reader.start
        let elements = try expressions(until: .rightBracket)
        let node = Node(operation: .set, a: builder.addChildren(elements), b: Int32(elements.count))
        return try builder.add(node, reader.range(from: start), over: elements)
    }

    /// Reads the opening token, expressions separated by commas, a trailing one allowed, and the closing token.
    private mutating func expressions(until close: Token.Kind) throws(SyntaxFailure) -> [Int32] {
        let start = reader.start
        reader.advance()
        var elements: [Int32] = []
        while reader.kind != close {
            elements.append(try expression())
            guard reader.skip(.comma) else { break }
        }
        try reader.expect(close, "or `,` after an element", closing: start)
        return elements
    }

    private mutating func recordLiteral() throws(SyntaxFailure) -> Int32 {
        let start = reader.start
        reader.advance()
        var fields: [Text: Field] = [:]
        while reader.kind != .rightBrace {
            let range = reader.current.range
            let name = try key(besides: fields)
            fields[name] = Field(key: range, value: try expression())
            guard reader.skip(.comma) else { break }
        }
        return try finish(fields, from: start)
    }

    /// A field of a record: where its key stands, and its value.
    private struct Field {
        let key: ByteRange
        let value: Int32
    }

    private mutating func key(besides fields: [Text: Field]) throws(SyntaxFailure) -> Text {
        let token = reader.current
        let name: Text
        if token.kind == .string {
            name = try reader.string("as a key")
        } else {
            name = Text(reader.text(try reader.identifier("or a string as a key of the record")))
        }
        if let first = fields[name]?.key {
            let labels = [(first, "given here first")]
            let message = "key \(Escapes.quoted(name)) is given twice"
            try reader.report(SyntaxFailure(.duplicate, message, token.range, labels: labels))
        }
        try reader.expect(.colon, "after the key")
        return name
    }

    private mutating func finish(_ fields: [Text: Field], from start: Int32) throws(SyntaxFailure) -> Int32 {
        try reader.expect(.rightBrace, "or `,` after a field", closing: start)
        let sorted = fields.sorted { $0.key < $1.key }
        let children = sorted.flatMap { [builder.name($0.key), $0.value.value] }
        let node = Node(operation: .record, a: builder.addChildren(children), b: Int32(sorted.count))
        return try builder.add(node, reader.range(from: start), over: sorted.map(\.value.value))
    }

    private mutating func call(
        _ function: ExtensionFunction,
        _ arguments: [Int32],
        _ start: Int32
    ) throws(SyntaxFailure) -> Int32 {
        let first = builder.addChildren(arguments)
        let node = Node(operation: .call, a: function.rawValue, b: first, c: Int32(arguments.count))
        return try builder.add(node, reader.range(from: start), over: arguments)
    }

    // MARK: Methods

    private enum Method {
        case unknown
        case function(ExtensionFunction)
        /// A method of sets or tags, with the number of its arguments.
        case operation(Operation, Int)
    }

    private mutating func method(_ name: Token, on operand: Int32, _ start: Int32) throws(SyntaxFailure) -> Int32 {
        let method = try method(name)
        let arguments = try expressions(until: .rightParenthesis)
        return try call(method, reader.text(name), [operand] + arguments, start)
    }

    private mutating func method(_ token: Token) throws(SyntaxFailure) -> Method {
        let name = reader.text(token)
        if let (operation, count) = Self.methods[name] { return .operation(operation, count) }
        if let function = ExtensionFunction.named(name) {
            if !function.isConstructor { return .function(function) }
            let help = "functions are called with their argument in parentheses: `\(name)(…)`"
            let message = "`\(name)` is a function, not a method"
            try reader.report(SyntaxFailure(.unknownFunction, message, token.range, help: help))
        } else {
            let guess = NearMisses.word(Text(name), among: NearMisses.methods)
            let message = "`\(name)` is not a method"
            try reader.report(SyntaxFailure(.unknownFunction, message, token.range, replacement: guess))
        }
        return .unknown
    }

    /// A wrong number of arguments is an error here for the language's own methods, and at evaluation for those of
    /// extension types, as in the reference implementation.
    private mutating func call(
        _ method: Method,
        _ name: String,
        _ operands: [Int32],
        _ start: Int32
    ) throws(SyntaxFailure) -> Int32 {
        switch method {
        case .unknown: return try placeholder(reader.range(from: start))
        case .function(let function): return try call(function, operands, start)
        case .operation(let operation, let count):
            guard operands.count == count + 1 else {
                let message = "`\(name)` takes \(count) argument\(count == 1 ? "" : "s"), got \(operands.count - 1)"
                try reader.report(SyntaxFailure(.wrongArgumentCount, message, reader.range(from: start)))
                return try placeholder(reader.range(from: start))
            }
            let node = Node(operation: operation, a: operands[0], b: count == 0 ? 0 : operands[1])
            return try builder.add(node, reader.range(from: start), over: operands)
        }
    }

    /// The methods of sets and tags, with the number of their arguments.
    private static let methods: [String: (Operation, Int)] = [
        "contains": (.contains, 1), "containsAll": (.containsAll, 1), "containsAny": (.containsAny, 1),
        "isEmpty": (.isEmpty, 0), "hasTag": (.hasTag, 1), "getTag": (.getTag, 1),
    ]

    // MARK: Atoms

    private enum Atom {
        case node(Int32)
        /// A function, whose arguments are to be read.
        case function(ExtensionFunction)
        /// What is called without being a function, which has been reported; its arguments are to be read.
        case unknownFunction
    }

    /// Reads what contains no expression: a literal, a variable, an entity or the name of a function.
    private mutating func atom() throws(SyntaxFailure) -> Atom {
        let token = reader.current
        switch token.kind {
        case .identifier: return try named(token)
        case .number:
            reader.advance()
            let value = Int64(reader.text(token))
            if value == nil { try reader.report(tooLarge(token)) }
            return try constant(.long(value ?? 0), token.range)
        case .string:
            reader.advance()
            switch Escapes.string(reader.content(token)) {
            case .success(let text): return try constant(.string(text), token.range)
            case .failure(let error):
                try reader.report(reader.escapeFailure(token, error))
                return .node(try placeholder(token.range))
            }
        case .slot:
            reader.advance()
            let message = "template slots can stand only in the scope"
            try reader.report(SyntaxFailure(.misplacedSlot, message, token.range))
            return .node(try placeholder(token.range))
        default: throw reader.unexpected("expected an expression")
        }
    }

    private mutating func constant(_ value: Value, _ range: ByteRange) throws(SyntaxFailure) -> Atom {
        .node(try builder.add(Node(operation: .constant, a: builder.constant(value)), range))
    }

    private mutating func named(_ token: Token) throws(SyntaxFailure) -> Atom {
        if token.word == .true || token.word == .false {
            reader.advance()
            return try constant(.bool(token.word == .true), token.range)
        }
        let name = try path("in an expression")
        let range = reader.range(from: token.range.start)
        if reader.skip(.doubleColon) {
            let id = try reader.string("as the identifier of an entity")
            let entity = EntityUID(type: EntityType(checked: name), id: id)
            return try constant(.entity(entity), reader.range(from: token.range.start))
        }
        return reader.kind == .leftParenthesis ? try function(name, range) : try variable(name, token.word, range)
    }

    private mutating func variable(_ name: Text, _ word: Word, _ range: ByteRange) throws(SyntaxFailure) -> Atom {
        let variables: [(Word, Variable)] = [
            (.principal, .principal), (.action, .action), (.resource, .resource), (.context, .context),
        ]
        guard name == Text(word.rawValue), let variable = variables.first(where: { $0.0 == word })?.1 else {
            let message = "`\(name)` is not a variable; there are `principal`, `action`, `resource` and `context`"
            let (help, replacement) = NearMisses.advice(variable: name)
            try reader.report(
                SyntaxFailure(.unknownVariable, message, range, help: help, replacement: replacement)
            )
            return .node(try placeholder(range))
        }
        return .node(try builder.add(Node(operation: .variable, a: variable.rawValue), range))
    }

    private mutating func function(_ name: Text, _ range: ByteRange) throws(SyntaxFailure) -> Atom {
        let function = ExtensionFunction.named(name.string)
        if let function, function.isConstructor { return .function(function) }
        if function != nil || Self.methods[name.string] != nil {
            let help = "methods follow a value: `x.\(name)(…)`"
            let message = "`\(name)` is a method, not a function"
            try reader.report(SyntaxFailure(.unknownFunction, message, range, help: help))
        } else {
            let guess = NearMisses.word(name, among: NearMisses.functions)
            let message = "`\(name)` is not a function"
            try reader.report(SyntaxFailure(.unknownFunction, message, range, replacement: guess))
        }
        return .unknownFunction
    }
}
