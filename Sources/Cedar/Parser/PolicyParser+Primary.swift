import Bytes

extension PolicyParser {
    /// Reads a primary expression with its accesses and method calls.
    mutating func member() throws(SyntaxFailure) -> Int32 {
        let start = reader.start
        var operand = try primary()
        while true {
            switch reader.kind {
            case .dot:
                reader.advance()
                let name = reader.text(try reader.identifier("after `.`"))
                if reader.kind == .leftParenthesis {
                    operand = try method(name, on: operand, start)
                } else {
                    operand = try builder.access(operand, Text(name), reader.range(from: start))
                }
            case .leftBracket:
                reader.advance()
                let name = try reader.string("as the name of an attribute")
                try reader.expect(.rightBracket, "after the name of an attribute")
                operand = try builder.access(operand, name, reader.range(from: start))
            case .leftParenthesis:
                throw SyntaxFailure(.unknownFunction, "only functions and methods can be called", reader.current.range)
            default: return operand
            }
        }
    }

    private mutating func primary() throws(SyntaxFailure) -> Int32 {
        let token = reader.current
        switch token.kind {
        case .identifier: return try named(token)
        case .number:
            reader.advance()
            guard let value = Int64(reader.text(token)) else { throw tooLarge(token) }
            return try constant(.long(value), token.range)
        case .string: return try constant(.string(try reader.string("literal")), token.range)
        case .leftParenthesis:
            reader.advance()
            let root = try expression()
            try reader.expect(.rightParenthesis, "to close the parenthesis")
            return root
        case .leftBracket: return try setLiteral(token)
        case .leftBrace: return try recordLiteral(token)
        case .slot:
            throw SyntaxFailure(.misplacedSlot, "template slots can stand only in the scope", token.range)
        default: throw reader.unexpected("expected an expression")
        }
    }

    private mutating func constant(_ value: Value, _ range: ByteRange) throws(SyntaxFailure) -> Int32 {
        try builder.add(Node(operation: .constant, a: builder.constant(value)), range)
    }

    private mutating func setLiteral(_ token: Token) throws(SyntaxFailure) -> Int32 {
        reader.advance()
        let elements = try expressions(until: .rightBracket)
        let node = Node(operation: .set, a: builder.addChildren(elements), b: Int32(elements.count))
        return try builder.add(node, reader.range(from: token.range.start), over: elements)
    }

    /// Reads expressions separated by commas, a trailing one allowed, and the closing token.
    private mutating func expressions(until close: Token.Kind) throws(SyntaxFailure) -> [Int32] {
        var elements: [Int32] = []
        while reader.kind != close {
            elements.append(try expression())
            guard reader.skip(.comma) else { break }
        }
        try reader.expect(close, "or `,` after an element")
        return elements
    }

    private mutating func recordLiteral(_ token: Token) throws(SyntaxFailure) -> Int32 {
        reader.advance()
        var fields: [Text: Int32] = [:]
        while reader.kind != .rightBrace {
            let key = reader.current
            let name =
                key.kind == .string
                ? try reader.string("as a key")
                : Text(reader.text(try reader.identifier("or a string as a key of the record")))
            guard fields[name] == nil else {
                throw SyntaxFailure(.duplicate, "key \(Escapes.quoted(name)) is given twice", key.range)
            }
            try reader.expect(.colon, "after the key")
            fields[name] = try expression()
            guard reader.skip(.comma) else { break }
        }
        try reader.expect(.rightBrace, "or `,` after a field")
        let sorted = fields.sorted { $0.key < $1.key }
        let children = sorted.flatMap { [builder.name($0.key), $0.value] }
        let node = Node(operation: .record, a: builder.addChildren(children), b: Int32(sorted.count))
        return try builder.add(node, reader.range(from: token.range.start), over: sorted.map(\.value))
    }

    /// Reads what begins with an identifier: a literal, a variable, an entity or a function call.
    private mutating func named(_ token: Token) throws(SyntaxFailure) -> Int32 {
        if token.word == .true || token.word == .false {
            reader.advance()
            return try constant(.bool(token.word == .true), token.range)
        }
        let name = try path("in an expression")
        let range = reader.range(from: token.range.start)
        switch reader.kind {
        case .doubleColon:
            reader.advance()
            let id = try reader.string("as the identifier of an entity")
            let entity = EntityUID(type: EntityType(checked: name), id: id)
            return try constant(.entity(entity), reader.range(from: token.range.start))
        case .leftParenthesis: return try function(name, range)
        default: return try variable(name, token.word, range)
        }
    }

    private mutating func variable(_ name: Text, _ word: Word, _ range: ByteRange) throws(SyntaxFailure) -> Int32 {
        let variables: [(Word, Variable)] = [
            (.principal, .principal), (.action, .action), (.resource, .resource), (.context, .context),
        ]
        guard name == Text(word.rawValue), let variable = variables.first(where: { $0.0 == word })?.1 else {
            let message = "`\(name)` is not a variable; there are `principal`, `action`, `resource` and `context`"
            throw SyntaxFailure(.unknownVariable, message, range)
        }
        return try builder.add(Node(operation: .variable, a: variable.rawValue), range)
    }

    private mutating func function(_ name: Text, _ range: ByteRange) throws(SyntaxFailure) -> Int32 {
        guard let function = ExtensionFunction.named(name.string), function.isConstructor else {
            let isMethod = ExtensionFunction.named(name.string) != nil || Self.methods[name.string] != nil
            let message = isMethod ? "`\(name)` is a method, not a function" : "`\(name)` is not a function"
            throw SyntaxFailure(.unknownFunction, message, range)
        }
        reader.advance()
        let arguments = try expressions(until: .rightParenthesis)
        return try call(function, arguments, range.start)
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

    /// Reads the arguments of a method; a wrong number is an error here for the language's own methods, and at evaluation for those
    /// of extension types, as in the reference implementation.
    private mutating func method(_ name: String, on operand: Int32, _ start: Int32) throws(SyntaxFailure) -> Int32 {
        let range = reader.range(from: start)
        reader.advance()
        if let function = ExtensionFunction.named(name) {
            guard !function.isConstructor else {
                throw SyntaxFailure(.unknownFunction, "`\(name)` is a function, not a method", range)
            }
            return try call(function, [operand] + (try expressions(until: .rightParenthesis)), start)
        }
        guard let (operation, count) = Self.methods[name] else {
            throw SyntaxFailure(.unknownFunction, "`\(name)` is not a method", range)
        }
        let arguments = try expressions(until: .rightParenthesis)
        guard arguments.count == count else {
            let message = "`\(name)` takes \(count) argument\(count == 1 ? "" : "s"), got \(arguments.count)"
            throw SyntaxFailure(.wrongArgumentCount, message, reader.range(from: start))
        }
        let node = Node(operation: operation, a: operand, b: arguments.first ?? 0)
        return try builder.add(node, reader.range(from: start), over: [operand] + arguments)
    }

    /// The methods of sets and tags, with the number of their arguments.
    private static let methods: [String: (Operation, Int)] = [
        "contains": (.contains, 1), "containsAll": (.containsAll, 1), "containsAny": (.containsAny, 1),
        "isEmpty": (.isEmpty, 0), "hasTag": (.hasTag, 1), "getTag": (.getTag, 1),
    ]
}
