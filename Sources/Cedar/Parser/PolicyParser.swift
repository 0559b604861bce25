import Bytes

/// Reads policies from text: recursive descent with one token of lookahead, going on behind the next `;` after an
/// error.
struct PolicyParser {
    var reader: TokenReader
    var builder = ExpressionBuilder()
    /// How many expressions are open around the current token.
    var depth = 0
    private var failures: [SyntaxFailure] = []
    private var policies: [ParsedPolicy] = []

    /// A policy with places in byte offsets.
    struct ParsedPolicy {
        var effect = Effect.forbid
        var annotations: [(key: Text, value: Text?, range: ByteRange)] = []
        var scope = Scope()
        /// Where the principal, the action and the resource of the scope stand.
        var scopeRanges: [ByteRange] = []
        var conditions: [(isWhen: Bool, range: ByteRange, root: Int32)] = []
        var range = ByteRange(start: 0, end: 0)
    }

    init(_ bytes: [UInt8]) {
        reader = TokenReader(bytes)
    }

    /// Reads the whole text.
    mutating func parse() throws(SyntaxError) -> (policies: [Policy], arena: ExpressionArena, ranges: [ByteRange]) {
        while reader.kind != .end, failures.count + reader.reported.count < SourceLimits.diagnosticsMax {
            do throws(SyntaxFailure) {
                guard policies.count < SourceLimits.declarationsMax else {
                    let limit = SourceLimits.declarationsMax
                    failures.append(SyntaxFailure(.limitExceeded, "more than \(limit) policies", reader.current.range))
                    break
                }
                policies.append(try policy())
            } catch {
                failures.append(error)
                depth = 0
                reader.recover(at: [.permit, .forbid])
            }
        }
        failures += reader.reported
        guard failures.isEmpty else { throw SyntaxError(failures, in: reader.bytes) }
        let lines = LineTable(reader.bytes)
        let finished = policies.enumerated().map { Self.finish($1, id: Self.id(ofPlace: $0), lines) }
        return (finished, builder.arena, builder.ranges)
    }

    /// Reads an expression and nothing else.
    mutating func parseExpression() throws(SyntaxError) -> Int32 {
        let root: Int32
        do throws(SyntaxFailure) {
            root = try expression()
            guard reader.kind == .end else { throw reader.unexpected("expected nothing behind the expression") }
        } catch {
            throw SyntaxError(reader.reported + [error], in: reader.bytes)
        }
        guard reader.reported.isEmpty else { throw SyntaxError(reader.reported, in: reader.bytes) }
        return root
    }

    /// The identifier that a policy of a text has, as in the reference implementation.
    private static func id(ofPlace place: Int) -> Text { Text("policy\(place)") }

    private static func finish(_ parsed: ParsedPolicy, id: Text, _ lines: LineTable) -> Policy {
        var scope = parsed.scope
        let places = parsed.scopeRanges.map(lines.range)
        if places.count == 3 {
            scope.ranges = ScopeRanges(principal: places[0], action: places[1], resource: places[2])
        }
        return Policy(
            id: id,
            effect: parsed.effect,
            annotations: parsed.annotations.map {
                Annotation(key: $0.key, value: $0.value ?? "", hasValue: $0.value != nil, range: lines.range($0.range))
            },
            scope: scope,
            conditions: parsed.conditions.map {
                Condition(isWhen: $0.isWhen, range: lines.range($0.range), root: $0.root)
            },
            range: lines.range(parsed.range)
        )
    }

    private mutating func policy() throws(SyntaxFailure) -> ParsedPolicy {
        let start = reader.start
        var policy = ParsedPolicy()
        while reader.kind == .at { try annotation(into: &policy) }
        guard let effect = Effect(rawValue: reader.word.rawValue) else {
            throw reader.unexpected("expected `permit` or `forbid`", among: ["permit", "forbid"])
        }
        policy.effect = effect
        reader.advance()
        try scope(into: &policy)
        while reader.kind == .identifier { try condition(into: &policy) }
        try reader.expect(.semicolon, "or a `when` or `unless` clause at the end of the policy")
        policy.range = reader.range(from: start)
        return policy
    }

    private mutating func annotation(into policy: inout ParsedPolicy) throws(SyntaxFailure) {
        let start = reader.start
        reader.advance()
        // Reserved words may be keys.
        let token = reader.current
        guard token.kind == .identifier else { throw reader.unexpected("expected the name of an annotation after `@`") }
        reader.advance()
        var value: Text?
        if reader.skip(.leftParenthesis) {
            value = try reader.string("as the value of the annotation")
            try reader.expect(.rightParenthesis, "after the value of the annotation")
        }
        let key = Text(reader.text(token))
        let range = reader.range(from: start)
        if let first = policy.annotations.first(where: { $0.key == key }) {
            let labels = [(first.range, "given here first")]
            try reader.report(SyntaxFailure(.duplicate, "annotation `@\(key)` is given twice", range, labels: labels))
        }
        policy.annotations.append((key, value, range))
    }

    private mutating func condition(into policy: inout ParsedPolicy) throws(SyntaxFailure) {
        let start = reader.start
        let isWhen = reader.word == .when
        guard isWhen || reader.word == .unless else {
            throw reader.unexpected("expected `when`, `unless` or `;`", among: ["when", "unless"])
        }
        reader.advance()
        let brace = reader.start
        try reader.expect(.leftBrace, "before the condition")
        guard reader.kind != .rightBrace else {
            throw SyntaxFailure(.unexpectedToken, "a condition cannot be empty", reader.range(from: start))
        }
        let root = try expression()
        try reader.expect(.rightBrace, "after the condition", closing: brace)
        policy.conditions.append((isWhen, reader.range(from: start), root))
    }
}
