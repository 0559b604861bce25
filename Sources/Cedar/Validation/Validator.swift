import Bytes

/// Checks policies against a schema before any request is there (cedar-spec `Validation/Validator.lean`).
///
/// Every policy is typed in every combination of principal type, action and resource type that the schema allows. What
/// passes strict validation can fail at run time only by an overflow, an entity that does not exist, or an extension
/// function without a result. Immutable and safe to share.
public struct Validator: Sendable {
    /// The schema.
    public var schema: Schema { index.schema }

    let index: SchemaIndex
    private let stepsMax: Int

    /// Makes a validator.
    public init(_ schema: Schema) {
        self.init(schema, stepsMax: ValidationLimits.stepsMax)
    }

    /// Makes a validator that takes fewer steps for one policy than ``ValidationLimits/stepsMax``.
    package init(_ schema: Schema, stepsMax: Int) {
        index = SchemaIndex(schema)
        self.stepsMax = stepsMax
    }

    /// Validates the policies and templates of a set.
    ///
    /// - Parameters:
    ///   - policySet: The set; of a policy that is linked to a template, the slots and the scope are checked, and the
    ///     conditions with the template.
    ///   - mode: How strictly.
    ///   - level: How far from the request's own entities data may be read: at 1, the attributes, tags and ancestors of
    ///     principal, action, resource and what the context names; at 2, also of entities that those name; and so on
    ///     (RFC 76). Levels are checked of policies that are valid otherwise. `nil` for any.
    /// - Returns: The findings of each policy.
    public func validate(
        _ policySet: PolicySet,
        mode: ValidationMode = .strict,
        level: Int? = nil
    ) -> ValidationResult {
        ValidationResult(
            findings: policySet.policies.indices.map { validate(policySet, at: $0, mode: mode, level: level) }
        )
    }

    /// Validates one policy or template of a set.
    ///
    /// - Parameters:
    ///   - policySet: The set.
    ///   - place: The place of the policy in it.
    ///   - mode: How strictly.
    ///   - level: How far from the request's own entities data may be read; `nil` for any.
    /// - Returns: What is found, in the order of the text.
    public func validate(
        _ policySet: PolicySet,
        at place: Int,
        mode: ValidationMode = .strict,
        level: Int? = nil
    ) -> [Diagnostic] {
        // Expressions are numbered anew for each policy, so that memory does not grow with the set.
        let steps = ValidationSteps(limit: stepsMax)
        return PolicyValidation(policySet, place, index, mode: mode, level: level, steps: steps).run()
    }
}

/// The validation of one policy.
struct PolicyValidation {
    let policySet: PolicySet
    let policy: Policy
    let index: SchemaIndex
    let lattice: TypeLattice
    let level: Int?
    let findings = FindingCollector()
    let shapes: ExpressionShapes

    init(
        _ policySet: PolicySet,
        _ place: Int,
        _ index: SchemaIndex,
        mode: ValidationMode,
        level: Int?,
        steps: ValidationSteps = ValidationSteps()
    ) {
        self.policySet = policySet
        policy = policySet.policies[place]
        self.index = index
        self.level = level
        lattice = TypeLattice(isStrict: mode == .strict, steps: steps)
        shapes = ExpressionShapes(policySet.syntax)
    }

    /// All findings, in the order of the text.
    func run() -> [Diagnostic] {
        if policy.link == nil {
            checkNames()
            checkApplication()
            checkTypes()
            checkLevel()
        } else {
            checkSlots()
            checkApplication()
        }
        if lattice.steps.isExceeded {
            let message = "the policy needs more than \(lattice.steps.limit) steps to validate"
            findings.insist(Diagnostic(.limitExceeded, message, policy.range))
        }
        return findings.sorted
    }

    /// The same, with nothing found and no steps taken yet.
    func restarted() -> PolicyValidation {
        PolicyValidation(self, lattice: TypeLattice(isStrict: lattice.isStrict, steps: ValidationSteps()))
    }

    private init(_ other: PolicyValidation, lattice: TypeLattice) {
        policySet = other.policySet
        policy = other.policy
        index = other.index
        level = other.level
        shapes = other.shapes
        self.lattice = lattice
    }

    // MARK: Types

    /// Types the conditions in every environment.
    private func checkTypes() {
        var isEverPossible = false
        var areAllTyped = true
        let isScopeTyped = scopeEntities.allSatisfy(isTyped)
        visitEnvironments { environment in
            let answer = checker(environment, recording: nil).conditions(policy.conditions)
            let isSatisfiable = answer.type?.isAlwaysFalse != true
            isEverPossible = isEverPossible || isSatisfiable || !isScopeTyped
            areAllTyped = areAllTyped && answer.isSuccess
        }
        if !areAllTyped, !lattice.steps.isExceeded, !findings.findings.contains(where: { $0.severity == .error }) {
            // Unreachable while everything that has no type is reported where it stands; unsaid, it would be valid.
            findings.insist(Diagnostic(.unexpectedType, "the policy has no type", policy.range))
        }
        guard !isEverPossible, !lattice.steps.isExceeded else { return }
        let message = "the policy is false for every request that the schema allows"
        findings.add(Diagnostic(.alwaysFalse, message, policy.range, severity: .warning))
    }

    func checker(_ environment: RequestEnvironment, recording: TypeChecker.TypeRecord?) -> TypeChecker {
        TypeChecker(
            policySet: policySet,
            index: index,
            lattice: lattice,
            environment: environment,
            shapes: shapes,
            findings: findings,
            record: recording
        )
    }

    /// Calls a function for every environment in which the scope may be satisfied.
    ///
    /// The conditions of a policy are only reached where its scope is not always false, so that nothing in them is an
    /// error elsewhere.
    func visitEnvironments(_ visit: (RequestEnvironment) -> Void) {
        reportActionList()
        for action in possibleActions() ?? index.schema.actions {
            let principals = action.principals.filter { isPossible($0, policy.principal) }
            guard !principals.isEmpty else { continue }
            let resources = action.resources.filter { isPossible($0, policy.resource) }
            for principal in principals {
                for resource in resources {
                    guard lattice.steps.take(), !findings.isFull else { return }
                    visit(RequestEnvironment(principal: principal, action: action, resource: resource))
                }
            }
        }
    }

    /// Whether a type can satisfy a constraint; one that names an unknown type is reported, and taken as satisfiable.
    func isPossible(_ type: EntityType, _ constraint: ScopeConstraint) -> Bool {
        guard let uid = constraint.entity, !isTyped(uid) else { return index.isPossible(type, constraint) }
        if case .isTypeIn(let expected, _) = constraint { return expected == type }
        return true
    }

    /// The actions that the scope allows; `nil` if it may be any, or if what it says has no type.
    func possibleActions() -> [ActionDeclaration]? {
        switch policy.action {
        case .equal(.entity(let uid)): return index.schema[uid].map { [$0] }
        case .isIn(.entity(let uid)): return index.actions(inAnyOf: [uid])
        case .isInAny(let uids): return isActionListTyped ? index.actions(inAnyOf: uids) : nil
        case .any, .equal(.slot), .isIn(.slot), .isType, .isTypeIn: return nil
        }
    }

    /// Whether the scope's list of actions has a type, as sets have one.
    private var isActionListTyped: Bool {
        guard lattice.isStrict, case .isInAny(let uids) = policy.action else { return true }
        return !uids.isEmpty && !hasMixedActions
    }

    // MARK: Lists of actions

    /// Whether the scope lists actions of different types, which strictly have no common type.
    private var hasMixedActions: Bool {
        guard lattice.isStrict, case .isInAny(let uids) = policy.action, let first = uids.first else { return false }
        return uids.contains { $0.type != first.type } && uids.allSatisfy(isTyped)
    }

    /// Reports what strict validation has against the scope's list of actions, which is a set like others.
    ///
    /// It is only looked at where the principal can be what the scope says.
    private func reportActionList() {
        guard !isActionListTyped, case .isInAny(let uids) = policy.action else { return }
        let isReached = index.schema.actions.contains { action in
            !action.resources.isEmpty && action.principals.contains { isPossible($0, policy.principal) }
        }
        guard isReached else { return }
        let range = policy.scopeRanges?.action ?? policy.range
        if uids.isEmpty {
            findings.add(Diagnostic(.emptySet, "the list of actions is empty", range))
        } else if hasMixedActions {
            let help = Incompatibility.entityTypes.help
            let message = "the listed actions are of different types"
            findings.add(Diagnostic(.incompatibleTypes, message, range, advice: .init(help: help)))
        }
    }
}

extension TypeChecker {
    /// The type of all clauses of a policy together.
    func conditions(_ conditions: [Condition]) -> Answer {
        var result = Answer.success(.always(true))
        for condition in conditions {
            if result.type?.isAlwaysFalse == true { break }
            let answer = expect(.bool, condition.root, result.capabilities)
            result = conjunction(result, condition.isWhen ? answer : negated(answer))
        }
        return result
    }
}

extension ScopeConstraint {
    /// The entity that the constraint names, if it names one.
    var entity: EntityUID? {
        switch self {
        case .equal(.entity(let uid)), .isIn(.entity(let uid)), .isTypeIn(_, .entity(let uid)): uid
        case .any, .equal(.slot), .isIn(.slot), .isInAny, .isType, .isTypeIn(_, .slot): nil
        }
    }

    /// The type that the constraint tests for, if it does.
    var testedType: EntityType? {
        switch self {
        case .isType(let type), .isTypeIn(let type, _): type
        case .any, .equal, .isIn, .isInAny: nil
        }
    }
}
