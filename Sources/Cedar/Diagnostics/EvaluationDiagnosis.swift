import Bytes

extension PolicySet {
    /// Says why and where a policy has no value for a request; `nil` if it has one, or its scope does not match.
    ///
    /// The policy is evaluated again to find the place, so that an evaluation whose failures nobody reads costs
    /// nothing for it.
    ///
    /// - Parameters:
    ///   - policy: A place in the set's policies, such as that of an ``Evaluation/Failure``.
    ///   - request: The request.
    ///   - entities: The entities as far as they are known.
    /// - Returns: The error with the innermost expression that fails.
    public func diagnose(policyAt policy: Int, _ request: Request, _ entities: Entities) -> Diagnostic? {
        guard policies.indices.contains(policy),
            case .failed(let condition, _) = Authorizer.outcome(ofPolicyAt: policy, in: self, request, entities)
        else { return nil }
        let locator = FailureLocator(Evaluator(arena: syntax, request: request, entities: entities))
        guard let failure = locator.locate(policies[policy].conditions[condition].root) else { return nil }
        let range = span(failure.first, failure.last) ?? policies[policy].conditions[condition].range
        let labels = failure.labels.compactMap { label in
            sourceRange(ofNode: label.node).map { Diagnostic.Label($0, label.message) }
        }
        let advice = Diagnostic.Advice(help: failure.help, labels: labels)
        return Diagnostic(failure.error.code, failure.error.description, range, advice: advice)
    }

    /// From the beginning of one node to the end of another.
    private func span(_ first: Int32, _ last: Int32) -> SourceRange? {
        guard let first = sourceRange(ofNode: first), let last = sourceRange(ofNode: last) else { return nil }
        return SourceRange(start: first.start, end: last.end)
    }
}

extension EvaluationError {
    /// The code of a diagnostic about the error.
    public var code: Diagnostic.Code {
        switch self {
        case .entityDoesNotExist: .entityDoesNotExist
        case .entityAttributeDoesNotExist, .recordAttributeDoesNotExist: .attributeDoesNotExist
        case .entityTagDoesNotExist: .tagDoesNotExist
        case .type: .typeError
        case .wrongNumberOfArguments: .wrongArgumentCount
        case .integerOverflow: .integerOverflow
        case .extensionFunctionFailed: .extensionFunctionFailed
        }
    }
}

/// Finds the innermost expression that fails, by evaluating parts of a failing one.
struct FailureLocator {
    let evaluator: Evaluator

    /// An expression that fails although its parts have values.
    struct Failure {
        let error: EvaluationError
        /// The node with which the place begins.
        var first: Int32
        /// The node with which it ends.
        var last: Int32
        var labels: [(node: Int32, message: String)] = []
        var help: String?
    }

    init(_ evaluator: Evaluator) {
        self.evaluator = evaluator
    }

    /// The failure inside of a condition; `nil` if it has a truth value.
    func locate(_ root: Int32) -> Failure? {
        var current = root
        guard var error = error(of: root) else {
            guard case .success(let value) = value(of: root), value.kind != .bool else { return nil }
            let place = origin(of: root)
            return Failure(error: .type(expected: [.bool], found: value.kind), first: place, last: place)
        }
        // Each step goes to an operand, and no expression nests deeper than the limit.
        while let (operand, inner) = failingOperand(of: current, error) {
            (current, error) = (operand, inner)
        }
        return explain(current, error)
    }

    private func value(of node: Int32) -> Result<Value, EvaluationError> {
        Result { () throws(EvaluationError) in try evaluator.evaluate(node) }
    }

    private func error(of node: Int32) -> EvaluationError? {
        guard case .failure(let error) = value(of: node) else { return nil }
        return error
    }

    /// The operand that fails by itself, and so makes the node fail.
    ///
    /// Operands are evaluated in order. Before the one that fails there can be one of a wrong type that is found first,
    /// as in `1 + "a" + 9223372036854775807 * 2`; then the errors differ.
    private func failingOperand(of node: Int32, _ error: EvaluationError) -> (Int32, EvaluationError)? {
        for operand in operands(of: evaluator.arena.nodes[Int(node)]) {
            switch value(of: operand) {
            case .failure(let inner): return inner == error ? (operand, inner) : nil
            case .success: continue
            }
        }
        return nil
    }

    /// The operands that are evaluated, in their order.
    private func operands(of node: Node) -> [Int32] {
        let children = evaluator.arena.children
        func list(_ first: Int32, _ count: Int32) -> [Int32] { Array(children[Int(first)..<Int(first + count)]) }
        switch node.operation {
        case .constant, .variable: return []
        case .ifThenElse:
            guard case .success(.bool(let condition)) = value(of: node.a) else { return [node.a] }
            return [condition ? node.b : node.c]
        case .and, .or, .set: return list(node.a, node.b)
        case .not, .negate, .isEmpty, .access, .has, .like, .is: return [node.a]
        case .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual, .in, .contains, .containsAll, .containsAny,
            .hasTag, .getTag:
            return [node.a, node.b]
        case .isIn: return [node.a, node.c]
        case .arithmetic: return (0..<node.b).map { children[Int(node.a + 2 * $0)] }
        case .record: return (0..<node.b).map { children[Int(node.a + 2 * $0 + 1)] }
        case .call: return list(node.b, node.c)
        }
    }

    /// The branch that the value of an `if` comes from.
    private func origin(of node: Int32) -> Int32 {
        var origin = node
        while evaluator.arena.nodes[Int(origin)].operation == .ifThenElse,
            let branch = operands(of: evaluator.arena.nodes[Int(origin)]).first,
            branch != evaluator.arena.nodes[Int(origin)].a
        {
            origin = branch
        }
        return origin
    }

    // MARK: Words

    /// What is said about a node that fails by its own operation.
    private func explain(_ index: Int32, _ error: EvaluationError) -> Failure {
        let node = evaluator.arena.nodes[Int(index)]
        var failure = Failure(error: error, first: index, last: index)
        switch error {
        case .type(let expected, let found):
            let culprit = operands(of: node).first { operand in
                guard case .success(let value) = value(of: operand) else { return false }
                return value.kind == found && !expected.contains(found)
            }
            failure.first = origin(of: culprit ?? index)
            failure.last = failure.first
        case .integerOverflow: explainOverflow(node, &failure)
        case .entityDoesNotExist(let uid):
            if node.operation == .access || node.operation == .getTag { failure.labels = labels(node.a, "an entity") }
            failure.help =
                "`has` and `hasTag` are false for an entity that does not exist: ask first, or supply `\(uid)`"
        case .entityAttributeDoesNotExist(let uid, let name):
            failure.help = help(name, among: evaluator.entities[uid]?.attributes.fields.map(\.name) ?? [])
        case .entityTagDoesNotExist(let uid, let name):
            let tags = evaluator.entities[uid]?.tags.fields.map(\.name) ?? []
            let guess = Suggestion.nearest(to: name, among: tags).map { "did you mean `\($0)`? " } ?? ""
            failure.help = guess + "`hasTag` asks whether there is one"
        case .recordAttributeDoesNotExist(let name):
            failure.help = help(name, among: record(node, without: name)?.fields.map(\.name) ?? [])
        case .wrongNumberOfArguments: break
        case .extensionFunctionFailed(let function, _): failure.help = Self.form(of: function)
        }
        return failure
    }

    private func labels(_ node: Int32, _ kind: String) -> [(node: Int32, message: String)] {
        guard case .success(let value) = value(of: node) else { return [] }
        return [(node, "\(kind): `\(value)`")]
    }

    /// Shortens the place to the operands up to the one at which the sum or product no longer fits.
    private func explainOverflow(_ node: Node, _ failure: inout Failure) {
        let operands = operands(of: node)
        guard node.operation == .arithmetic, let first = operands.first else { return }
        failure.first = first
        for count in 2...max(2, operands.count) {
            let part = Node(operation: .arithmetic, a: node.a, b: Int32(min(count, operands.count)))
            guard case .some = evaluator.overflow(part) else { continue }
            failure.last = operands[min(count, operands.count) - 1]
            failure.labels = [first, failure.last].flatMap { labels($0, "the value") }
            return
        }
    }

    /// The record in a chain of accesses that has no attribute of that name.
    private func record(_ node: Node, without name: Text) -> Record? {
        guard node.operation == .access, case .success(var value) = value(of: node.a) else { return nil }
        for place in Int(node.b)..<Int(node.b + node.c) {
            let step = evaluator.arena.names[Int(evaluator.arena.children[place])]
            switch value {
            case .record(let record):
                guard let next = record[step] else { return step == name ? record : nil }
                value = next
            case .entity(let uid):
                guard let next = evaluator.entities[uid]?.attributes[step] else { return nil }
                value = next
            case .bool, .long, .string, .set, .decimal, .ipaddr, .datetime, .duration: return nil
            }
        }
        return nil
    }

    private func help(_ name: Text, among names: [Text]) -> String {
        let guess = Suggestion.nearest(to: name, among: names).map { "did you mean `\($0)`? " } ?? ""
        return guess + "`has` asks whether there is one"
    }

    /// What the constructors of extension types take.
    private static func form(of function: String) -> String? {
        switch function {
        case "decimal": "decimals have one to four digits behind the point, as `decimal(\"12.5\")`"
        case "ip": "addresses are IPv4 or IPv6, with or without a prefix, as `ip(\"10.0.0.0/8\")`"
        case "datetime": "instants are dates or times, as `datetime(\"2024-10-15T11:35:00Z\")`"
        case "duration": "lengths of time go from days to milliseconds, as `duration(\"1d2h3m4s5ms\")`"
        default: nil
        }
    }
}

extension Evaluator {
    /// The error of a chain of sums or products, if it has one.
    fileprivate func overflow(_ node: Node) -> EvaluationError? {
        do throws(EvaluationError) {
            _ = try arithmetic(node)
            return nil
        } catch {
            return error
        }
    }
}
