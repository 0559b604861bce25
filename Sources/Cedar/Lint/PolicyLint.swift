import Bytes

/// The lint of one policy that is strictly valid.
struct PolicyLint {
    let validation: PolicyValidation
    let membership: KnownMembership?

    /// What lets a request through if a condition turns out this way.
    struct Opening: OptionSet {
        let rawValue: Int

        /// More is let through when the condition is false.
        static let whenFalse = Opening(rawValue: 1)
        /// More is let through when the condition is true.
        static let whenTrue = Opening(rawValue: 2)
        /// What holds when something is missing is said in so many words, in another branch.
        static let isPresenceDecided = Opening(rawValue: 4)

        /// The same for the condition's negation.
        var negated: Opening {
            var result = intersection(.isPresenceDecided)
            if contains(.whenFalse) { result.insert(.whenTrue) }
            if contains(.whenTrue) { result.insert(.whenFalse) }
            return result
        }
    }

    var policy: Policy { validation.policy }
    var policySet: PolicySet { validation.policySet }
    var arena: ExpressionArena { validation.policySet.syntax }

    /// All findings, in the order of the text.
    func run() -> [Diagnostic] {
        lintScope()
        lintTexts()
        var guarded: Set<Capabilities.Item> = []
        for condition in policy.conditions { collectGuards(condition.root, into: &guarded) }
        validation.visitEnvironments { environment in
            let record = TypeChecker.TypeRecord()
            let checker = validation.checker(environment, recording: record)
            _ = checker.conditions(policy.conditions)
            let expressions = ExpressionLint(lint: self, checker: checker, types: record.types, guarded: guarded)
            for condition in policy.conditions {
                let opening: Opening = policy.effect == .forbid ? .whenFalse : .whenTrue
                expressions.walk(condition.root, condition.isWhen ? opening : opening.negated)
            }
        }
        return validation.findings.sorted
    }

    func warn(_ code: Diagnostic.Code, _ message: String, at range: SourceRange, help: String) {
        let advice = Diagnostic.Advice(help: help)
        validation.findings.add(Diagnostic(code, message, range, severity: .warning, advice: advice))
    }

    func warn(_ code: Diagnostic.Code, _ message: String, at node: Int32, help: String) {
        warn(code, message, at: policySet.sourceRange(ofNode: node) ?? policy.range, help: help)
    }

    /// What the policy fails to do, for messages.
    var failure: String {
        switch policy.effect {
        case .forbid: "the `forbid` does not bite"
        case .permit: "the `permit` grants"
        }
    }

    /// A condition that decides what holds when a guard is false.
    func example(_ guardText: String) -> String {
        switch policy.effect {
        case .forbid: "if \(guardText) then … else true"
        case .permit: "if \(guardText) then … else false"
        }
    }

    // MARK: Scope

    private func lintScope() {
        let isWild = policy.principal == .any && policy.action == .any && policy.resource == .any
        switch policy.effect {
        case .permit:
            guard isWild, policy.conditions.isEmpty else { return }
            warn(
                .wildcardPermit,
                "the `permit` allows every principal every action on every resource",
                at: policy.range,
                help: "name who may do what, and to what"
            )
        case .forbid:
            lintGroup(policy.principal, policy.scopeRanges?.principal)
            lintGroup(policy.resource, policy.scopeRanges?.resource)
        }
    }

    private func lintGroup(_ constraint: ScopeConstraint, _ range: SourceRange?) {
        switch constraint {
        case .isIn(.entity(let group)), .isTypeIn(_, .entity(let group)):
            warnOfGroup(group, at: range ?? policy.range)
        case .any, .equal, .isIn(.slot), .isInAny, .isType, .isTypeIn(_, .slot): return
        }
    }

    /// Warns of a group that nothing is known to be in.
    func warnOfGroup(_ group: EntityUID, at range: SourceRange) {
        guard let membership, !group.type.isAction, !membership.hasMembers(group) else { return }
        warn(
            .unsuppliedGroup,
            "\(failure) for anybody: no known entity is in `\(group)`",
            at: range,
            help: "supply the members among the entities, or turn the rule round, so that it asks for membership in a"
                + " group of those who may"
        )
    }

    // MARK: Guards and texts

    /// Collects what `has` asks for anywhere: who asks for an attribute of an entity knows that it may not exist.
    private func collectGuards(_ root: Int32, into guarded: inout Set<Capabilities.Item>) {
        let shapes = validation.shapes
        var waiting = [root]
        while let index = waiting.popLast() {
            guard validation.lattice.steps.take() else { return }
            let node = arena.nodes[Int(index)]
            if node.operation == .has {
                var operand = shapes.shape(of: node.a)
                for child in arena.children[Int(node.b)..<Int(node.b + node.c)] {
                    let name = arena.names[Int(child)]
                    guarded.insert(.init(expression: operand, name: shapes.name(name), isTag: false))
                    operand = shapes.access(operand, name)
                }
            }
            arena.visitOperands(of: node) { waiting.append($0) }
        }
    }

    private func lintTexts() {
        for condition in policy.conditions {
            var waiting = [condition.root]
            while let index = waiting.popLast() {
                guard validation.lattice.steps.take() else { return }
                let node = arena.nodes[Int(index)]
                if let text = text(of: node), Self.isHiding(text) {
                    warn(
                        .hiddenCharacters,
                        "the text has characters that do not show, or that turn the direction of the line",
                        at: index,
                        help: "write them as escapes, such as `\\u{202e}`, or leave them out"
                    )
                }
                arena.visitOperands(of: node) { waiting.append($0) }
            }
        }
    }

    private func text(of node: Node) -> Text? {
        switch node.operation {
        case .constant:
            switch arena.constants[Int(node.a)] {
            case .string(let text): return text
            case .entity(let uid): return uid.id
            case .bool, .long, .set, .record, .decimal, .ipaddr, .datetime, .duration: return nil
            }
        case .like: return Text(utf8: arena.patterns[Int(node.b)].segments.joined())
        case .variable, .ifThenElse, .and, .or, .not, .negate, .equal, .notEqual, .less, .lessEqual, .greater,
            .greaterEqual, .in, .contains, .containsAll, .containsAny, .hasTag, .getTag, .isEmpty, .arithmetic, .access,
            .has, .is, .isIn, .set, .record, .call:
            return nil
        }
    }

    private static func isHiding(_ text: Text) -> Bool {
        text.string.unicodeScalars.contains { scalar in
            switch scalar.value {
            case 0xAD, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF: true
            default: false
            }
        }
    }
}
