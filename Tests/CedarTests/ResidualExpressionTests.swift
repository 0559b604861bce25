import Bytes
import Cedar
import Testing

/// What is left of a policy as an expression that a program can look at.
@Suite struct ResidualExpressionTests {
    /// A short form of an expression, with types behind colons where they are not those of values.
    private func text(_ expression: ResidualExpression) -> String {
        let type = expression.type.map { ":\(name($0))" } ?? ""
        switch expression.form {
        case .value(let value): return "\(value)"
        case .variable(.context):
            #expect(type == ":{at datetime, n L, names Set<S>, on B, who U}")
            return "context"
        case .variable(let variable): return "\(variable)\(type)"
        case .conditional(let condition, let yes, let no):
            return "(if \(text(condition)) \(text(yes)) \(text(no)))\(type)"
        case .and(let operands): return "(and \(list(operands)))\(type)"
        case .or(let operands): return "(or \(list(operands)))\(type)"
        case .unary(let operation, let operand): return "(\(operation) \(text(operand)))\(type)"
        case .binary(let operation, let left, let right): return "(\(operation) \(text(left)) \(text(right)))\(type)"
        case .arithmetic(let first, let terms):
            return "(\(text(first))\(terms.map { " \($0.operator) \(text($0.operand))" }.joined()))\(type)"
        case .access(let operand, let path): return "(access \(text(operand)) \(path))\(type)"
        case .has(let operand, let path): return "(has \(text(operand)) \(path))\(type)"
        case .like(let operand, let pattern): return "(like \(text(operand)) \(pattern))\(type)"
        case .isType(let operand, let entity): return "(is \(text(operand)) \(entity))\(type)"
        case .isTypeIn(let operand, let entity, let group):
            return "(is \(text(operand)) \(entity) in \(text(group)))\(type)"
        case .set(let elements): return "[\(list(elements))]\(type)"
        case .record(let fields):
            return "{\(fields.map { "\($0.name) \(text($0.value))" }.joined(separator: ", "))}\(type)"
        case .call(let function, let arguments): return "(\(function) \(list(arguments)))\(type)"
        }
    }

    private func list(_ expressions: [ResidualExpression]) -> String {
        expressions.map(text).joined(separator: ", ")
    }

    private func name(_ type: SchemaType) -> String {
        switch type {
        case .bool: "B"
        case .long: "L"
        case .string: "S"
        case .set(let element): "Set<\(name(element))>"
        case .record(let record): "{\(record.attributes.map { "\($0.name) \(name($0.type))" }.joined(separator: ", "))}"
        case .entity(let type): "\(type)"
        case .extension(let type): "\(type)"
        }
    }

    @Test(arguments: [
        ("principal.n + 1 - 2 == 3", "(equal ((access principal:U [n]):L add 1 subtract 2):L 3):B"),
        (
            "principal.n * principal.n != 3",
            "(notEqual ((access principal:U [n]):L multiply (access principal:U [n]):L):L 3):B"
        ),
        ("-(principal.n) < 1", "(less (negate (access principal:U [n]):L):L 1):B"),
        (
            "principal.n <= 1 && principal.n > 1",
            "(and (lessEqual (access principal:U [n]):L 1):B, (greater (access principal:U [n]):L 1):B):B"
        ),
        (
            "principal.n >= 1 || context.on",
            "(or (greaterEqual (access principal:U [n]):L 1):B, (access context [on]):B):B"
        ),
        ("!(context.on)", "(not (access context [on]):B):B"),
        (
            "if context.on then principal.flag else true",
            "(if (access context [on]):B (access principal:U [flag]):B true):B"
        ),
        (#"principal in [G::"b", G::"a"]"#, #"(isIn principal:U [G::"a", G::"b"]):B"#),
        (#"principal.friend is U in G::"a""#, #"(is (access principal:U [friend]):U U in G::"a"):B"#),
        ("principal.friend is U", "(is (access principal:U [friend]):U U):B"),
        (#"principal.s like "a*b""#, "(like (access principal:U [s]):S a*b):B"),
        ("principal has r.a && principal.r.a", "(and (has principal:U [r, a]):B, (access principal:U [r, a]):B):B"),
        (
            #"principal.hasTag("x") && principal.getTag("x") == 1"#,
            #"(and (hasTag principal:U "x"):B, (equal (getTag principal:U "x"):L 1):B):B"#
        ), ("context.names.isEmpty()", "(isEmpty (access context [names]):Set<S>):B"),
        (
            "context.names.contains(principal.s)",
            "(contains (access context [names]):Set<S> (access principal:U [s]):S):B"
        ),
        (
            "context.names.containsAll([principal.s])",
            "(containsAll (access context [names]):Set<S> [(access principal:U [s]):S]:Set<S>):B"
        ),
        (
            #"context.names.containsAny(["b", "a"])"#, #"(containsAny (access context [names]):Set<S> ["a", "b"]):B"#
        ),
        ("{a: principal.n} == {a: 1}", "(equal {a (access principal:U [n]):L}:{a L} {\"a\": 1}):B"),
        (
            #"context.at.toDate() == context.at"#,
            "(equal (toDate (access context [at]):datetime):datetime (access context [at]):datetime):B"
        ),
        (#"U::"half".friend == principal"#, #"(equal (access U::"half" [friend]):U principal:U):B"#),
        ("context == context && context.on", "(and (equal context context):B, (access context [on]):B):B"),
        ("1 == 1", "true"),
    ])
    func everyOperatorCanBeLookedAt(condition: String, expected: String) throws {
        let found = text(try PartialEvaluationTests.evaluate(condition).expression(ofPolicyAt: 0))
        #expect(found == expected)
    }
}
