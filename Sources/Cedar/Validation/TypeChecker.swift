import Bytes

/// The principal's type, the action and the resource's type of a request, as a schema allows them together.
struct RequestEnvironment {
    let principal: EntityType
    let action: ActionDeclaration
    let resource: EntityType
}

/// Collects the findings about one policy.
///
/// A place has no more than one finding of a kind: the first, although others may be found in other environments.
final class FindingCollector {
    private struct Key: Hashable {
        let code: Diagnostic.Code
        let range: SourceRange
        /// Only where there is no place to tell findings apart by.
        let message: String?

        init(_ finding: Diagnostic) {
            code = finding.code
            range = finding.range
            message = finding.range.isKnown ? nil : finding.message
        }
    }

    private(set) var findings: [Diagnostic] = []
    private var seen: Set<Key> = []
    /// Whether there are as many as are collected.
    var isFull: Bool { findings.count >= ValidationLimits.findingsMax }

    init() {}

    func add(_ finding: Diagnostic) {
        guard !isFull, seen.insert(Key(finding)).inserted else { return }
        findings.append(finding)
    }

    /// The findings in the order of the text.
    var sorted: [Diagnostic] {
        findings.sorted {
            if $0.range.start != $1.range.start { return $0.range.start < $1.range.start }
            if $0.range.end != $1.range.end { return $0.range.end < $1.range.end }
            return ($0.code.description, $0.message) < ($1.code.description, $1.message)
        }
    }

    /// Adds a finding however many there are.
    func insist(_ finding: Diagnostic) { findings.append(finding) }
}

/// Finds the types of expressions in one request environment (cedar-spec `Validation/Typechecker.lean`, with the error
/// recovery of the Rust engine, so that one mistake does not hide another).
///
/// Recursion is bounded: no expression nests deeper than ``SourceLimits/nestingMax``. The functions are small, so that
/// their stack frames are.
struct TypeChecker {
    let policySet: PolicySet
    let index: SchemaIndex
    let lattice: TypeLattice
    let environment: RequestEnvironment
    let shapes: ExpressionShapes
    let findings: FindingCollector
    /// Where the types of expressions are kept for who needs them; those that are never evaluated get none.
    let record: TypeRecord?

    /// The types of the expressions of one policy in one environment.
    final class TypeRecord {
        var types: [Int32: InferredType] = [:]

        init() {}
    }

    /// What is found about one expression.
    struct Answer {
        /// Its type, or after an error the type that it was probably meant to have, if that is clear.
        var type: InferredType?
        /// What exists if the expression is true.
        var capabilities = Capabilities.none
        /// Whether it, and everything in it, is typed without error.
        var isSuccess = true

        static func success(_ type: InferredType, _ capabilities: Capabilities = .none) -> Answer {
            Answer(type: type, capabilities: capabilities)
        }

        static func failure(_ type: InferredType? = nil) -> Answer { Answer(type: type, isSuccess: false) }

        /// This answer, a failure if some other one, that it rests on, is.
        func after(_ other: Answer) -> Answer { other.isSuccess ? self : .failure(type) }
    }

    var arena: ExpressionArena { policySet.syntax }
    var isStrict: Bool { lattice.isStrict }
    var steps: ValidationSteps { lattice.steps }

    func children(_ first: Int32, _ count: Int32) -> ArraySlice<Int32> {
        arena.children[Int(first)..<Int(first + count)]
    }

    // MARK: Dispatch

    /// The type of an expression, with what is known to exist where it is evaluated.
    func check(_ index: Int32, _ prior: Capabilities) -> Answer {
        guard steps.take() else { return .failure() }
        let answer = answer(index, prior)
        if let record, let type = answer.type { record.types[index] = type }
        return answer
    }

    private func answer(_ index: Int32, _ prior: Capabilities) -> Answer {
        let node = arena.nodes[Int(index)]
        switch node.operation {
        case .constant: return constant(arena.constants[Int(node.a)])
        case .variable: return .success(variable(node.a))
        case .ifThenElse: return conditional(index, node, prior)
        case .and: return all(children(node.a, node.b), prior)
        case .or: return any(children(node.a, node.b), prior)
        case .not: return negated(expect(.bool, node.a, prior))
        case .negate: return result(.long, of: expect(.long, node.a, prior))
        case .equal: return equal(index, node, prior)
        case .notEqual: return negated(equal(index, node, prior))
        case .less, .lessEqual, .greater, .greaterEqual: return compare(node, prior)
        case .in: return isIn(node.a, node.b, prior)
        case .contains, .containsAll, .containsAny, .isEmpty: return setOperation(index, node, prior)
        case .hasTag: return hasTag(node, prior)
        case .getTag: return getTag(index, node, prior)
        case .arithmetic: return arithmetic(node, prior)
        case .access: return access(index, node, prior)
        case .has: return has(node, prior)
        case .like: return like(node, prior)
        case .is: return isType(node.a, arena.types[Int(node.b)], prior)
        case .isIn: return isTypeIn(node, prior)
        case .set: return set(index, node, prior)
        case .record: return record(node, prior)
        case .call: return call(index, node, prior)
        }
    }

    // MARK: Expectations

    /// The type of an expression that has to be of a certain type; else the answer has none.
    func expect(
        _ expected: InferredType,
        _ index: Int32,
        _ prior: Capabilities,
        help: ((InferredType) -> String?)? = nil
    ) -> Answer {
        let answer = check(index, prior)
        guard let type = answer.type else { return answer }
        if lattice.permissive.isSubtype(type, expected) { return answer }
        refuse(type, expected.name, at: index, help?(type))
        return .failure()
    }

    /// Reports a type that does not fit, unless the steps have run out, when nothing can be said.
    func refuse(_ type: InferredType, _ expected: String, at index: Int32, _ help: String? = nil) {
        report(.unexpectedType, "expected \(expected), got `\(type.name)`", at: index, help: help)
    }

    func report(
        _ code: Diagnostic.Code,
        _ message: @autoclosure () -> String,
        at index: Int32,
        help: String? = nil
    ) {
        guard !steps.isExceeded, !findings.isFull else { return }
        let range = policySet.sourceRange(ofNode: index) ?? .unknown
        findings.add(Diagnostic(code, message(), range, advice: .init(help: help)))
    }

    /// An answer of a certain type that rests on others.
    func result(_ type: InferredType, of answers: Answer...) -> Answer {
        answers.allSatisfy(\.isSuccess) ? .success(type) : .failure(type)
    }

    // MARK: Leaves

    func variable(_ raw: Int32) -> InferredType {
        switch Variable(rawValue: raw) {
        case .principal: .entity([environment.principal])
        case .action: .entity([environment.action.uid.type])
        case .resource: .entity([environment.resource])
        case .context, nil: .record(.declared(environment.action.context))
        }
    }

    func constant(_ value: Value) -> Answer {
        switch value {
        case .bool(let value): return .success(.always(value))
        case .long: return .success(.long)
        case .string: return .success(.string)
        case .decimal: return .success(.extension(.decimal))
        case .ipaddr: return .success(.extension(.ipaddr))
        case .datetime: return .success(.extension(.datetime))
        case .duration: return .success(.extension(.duration))
        case .entity(let uid): return entity(uid)
        // Sets and records are expressions of their own as long as nothing is evaluated.
        case .set, .record: return .failure()
        }
    }

    /// An entity of an unknown type, and an unknown action, has no type; what is wrong with it is reported elsewhere.
    private func entity(_ uid: EntityUID) -> Answer {
        let isKnown = uid.type.isAction ? index.schema[uid] != nil : index.schema[uid.type] != nil
        return isKnown ? .success(.entity([uid.type])) : .failure()
    }

    /// The entity that an expression always is, if it says so by itself.
    func literalEntity(_ index: Int32) -> EntityUID? {
        let node = arena.nodes[Int(index)]
        if node.operation == .variable, node.a == Variable.action.rawValue { return environment.action.uid }
        guard node.operation == .constant, case .entity(let uid) = arena.constants[Int(node.a)] else { return nil }
        return uid
    }
}
