import Bytes
import Cedar

/// The text of a random policy over the names of ``RandomEntities``.
struct RandomPolicy {
    /// What a set is mostly made of.
    enum Style {
        /// Anything.
        case mixed
        /// Narrow scopes and short conditions.
        case scoped
        /// No scope: conditions of comparisons, guards, equalities and memberships, one after the other.
        case guarded
        /// One of these shapes, again and again with other values: what an index is for.
        case uniform(Int)
    }

    let style: Style

    init(_ style: Style) { self.style = style }

    private var isGuarded: Bool { if case .guarded = style { true } else { false } }
    private var isScoped: Bool { if case .scoped = style { true } else { false } }

    /// How many shapes there are.
    static let shapes = 13

    private func uniform(_ shape: Int, _ random: inout SeededRandom) -> String {
        let (low, high) = (number(&random), number(&random))
        let (one, other) = (entity(&random), entity(&random))
        let (text, word) = (literal(&random), literal(&random))
        switch shape {
        case 0: return "when { context.trust >= \(low) && principal in \(one) && resource in \(other) }"
        case 1: return "when { context has tool && context.tool == \(text) && \(low) < context.trust }"
        case 2: return "unless { context has tool } when { context.tool == \(text) && principal.trust <= \(low) }"
        case 3: return "when { (context.tool == \(text) || context.tool == \(word)) && principal.trust < \(high) }"
        case 4: return "unless { context.trust > \(low) || resource.trust <= \(high) } when { principal == \(one) }"
        case 5: return "when { \(low) < resource.trust && resource.trust <= \(high) }"
        case 6: return "when { context.team in \(one) && context.trust > \(low) && context.team is Team }"
        case 7: return "when { context.open && [\(text), \(word)].contains(context.tool) && !(context.trust < \(low)) }"
        case 8:
            return "when { context has input.tool && context.input.tool == \(text) && context.input.trust >= \(low) }"
        case 9:
            return
                "when { resource.team == \(one) && principal in [\(one), \(other)] } unless { \(low) <= context.trust }"
        case 10: return "when { principal is User in \(one) && resource.team is Team in \(other) }"
        case 11: return "when { [\(one), \(other)].contains(principal) && context.team == \(other) }"
        case _: return "when { principal has team && principal.team in \(one) && principal.input.trust < \(high) }"
        }
    }

    func text(_ random: inout SeededRandom) -> String {
        let effect = random.once(in: 3) ? "forbid" : "permit"
        if case .uniform(let shape) = style {
            let scope = random.pick([
                "principal, action, resource", "principal is User, action, resource is Doc",
                "principal, action in [Action::\"read\", Action::\"all\"], resource",
            ])
            let rest = random.once(in: 2) ? "" : " when { \(path(&random)) >= \(number(&random)) }"
            return "\(effect)(\(scope)) \(uniform(shape, &random))\(rest);"
        }
        var text = "\(effect)(\(scope(&random)))"
        for _ in 0..<Int.random(in: isGuarded ? 1...2 : 0...2, using: &random) {
            let parts = (0..<Int.random(in: 1...4, using: &random)).map { _ in conjunct(&random) }
            text +=
                random.once(in: 4)
                ? " unless { \(parts.joined(separator: " || ")) }" : " when { \(parts.joined(separator: " && ")) }"
        }
        return text + ";"
    }

    // MARK: Scopes

    private func scope(_ random: inout SeededRandom) -> String {
        guard !isGuarded || random.once(in: 8) else { return "principal, action, resource" }
        let rare = isScoped ? 6 : 2
        let principal = random.once(in: rare) ? "principal" : constraint("principal", "User", "Team", &random)
        let resource = random.once(in: rare) ? "resource" : constraint("resource", "Doc", "Folder", &random)
        var action = "action"
        if !random.once(in: rare) {
            let names = RandomEntities.actions.map { "Action::\"\($0)\"" }
            action = random.pick([
                "action == \(random.pick(names))", "action in \(random.pick(names))",
                "action in [\(random.pick(names)), \(random.pick(names))]", "action in []",
            ])
        }
        return "\(principal), \(action), \(resource)"
    }

    private func constraint(
        _ variable: String,
        _ type: String,
        _ group: String,
        _ random: inout SeededRandom
    ) -> String {
        let own = RandomEntities.uid(random.once(in: 5) ? "Agent" : type, &random)
        let above = RandomEntities.uid(random.once(in: 3) ? "Team" : group, &random)
        return random.pick([
            "\(variable) == \(own)", "\(variable) in \(above)", "\(variable) in \(own)", "\(variable) is \(type)",
            "\(variable) is \(type) in \(above)",
        ])
    }

    // MARK: Conditions

    /// A part of a condition, mostly one that an index can use or that a guard can cover.
    private func conjunct(_ random: inout SeededRandom) -> String {
        switch Int.random(in: 0..<(isGuarded ? 13 : 20), using: &random) {
        case 0, 1: return "\(path(&random)) \(random.pick(["<", "<=", ">", ">=", "=="])) \(number(&random))"
        case 2: return "\(variable(&random)) in \(entity(&random))"
        case 3: return "\(variable(&random)) in [\(entity(&random)), \(entity(&random))]"
        case 4: return "\(variable(&random)) == \(entity(&random))"
        case 5: return "\(path(&random)) == \(literal(&random))"
        case 6: return "\(variable(&random)) is \(random.pick(["User", "Doc", "Team"]))"
        case 7: return "\(base(&random)) has \(name(&random))\(random.once(in: 3) ? ".\(name(&random))" : "")"
        case 8: return "\(path(&random)) in \(random.pick([entity(&random), path(&random)]))"
        case 9: return "[\(literal(&random)), \(literal(&random))].contains(\(path(&random)))"
        case 10: return "\(path(&random)) like \"\(random.pick(["*", "/srv/*", "*a*", "tool", ""]))\""
        case 11: return "(\(conjunct(&random)) || \(conjunct(&random)))"
        case 12: return "!(\(conjunct(&random)))"
        case 13: return "(if \(conjunct(&random)) then \(conjunct(&random)) else \(conjunct(&random)))"
        case 14: return "\(path(&random)) != \(path(&random))"
        case _: return other(&random)
        }
    }

    /// What an index makes nothing of.
    private func other(_ random: inout SeededRandom) -> String {
        random.pick([
            "\(path(&random)) + \(number(&random)) > \(number(&random))", "-\(path(&random)) < 3",
            "\(path(&random)) * 2 == \(path(&random)) - 1", "\(path(&random)).contains(\(literal(&random)))",
            "\(path(&random)).contains(\(variable(&random)))", "\(path(&random)).containsAll(\(path(&random)))",
            "\(path(&random)).containsAny([\(literal(&random))])", "\(path(&random)).isEmpty()",
            "\(variable(&random)).hasTag(\"tool\")", "\(variable(&random)).getTag(\"trust\") == 1",
            "ip(\"10.0.0.0/8\") == \(path(&random))", "\(path(&random)).isInRange(ip(\"10.0.0.0/8\"))",
            "\(path(&random)).lessThan(decimal(\"1.0\"))", "\(path(&random)).toDate() == \(path(&random))",
            "\(path(&random)) < datetime(\"2025-01-01\")", "{a: \(path(&random))} == {a: 1}", "\(path(&random))",
            "\(variable(&random)) in \(path(&random))", "\(path(&random)) is Team in \(entity(&random))",
            "\(path(&random)) is Team", "[\(path(&random))].contains(1)", "true", "false", "context == context",
            "\(variable(&random)) == \(path(&random))", "\(variable(&random)) == \(variable(&random))",
            "ip(context.tool).isIpv4()", "(if \(path(&random)) then principal else resource) in \(entity(&random))",
        ])
    }

    private func variable(_ random: inout SeededRandom) -> String {
        random.pick(["principal", "principal", "resource", "action"])
    }

    private func base(_ random: inout SeededRandom) -> String {
        random.pick(["principal", "resource", "context", "context", "context.input", "principal.team"])
    }

    private func name(_ random: inout SeededRandom) -> String {
        random.pick(["trust", "tool", "team", "groups", "input", "open", "ip", "price", "at", "missing"])
    }

    private func path(_ random: inout SeededRandom) -> String {
        if random.once(in: 10) { return "\(base(&random))[\"long name of an attribute\"]" }
        return "\(base(&random)).\(name(&random))"
    }

    private func number(_ random: inout SeededRandom) -> String {
        random.pick(["0", "1", "2", "100", "-1", "9223372036854775807"])
    }

    private func entity(_ random: inout SeededRandom) -> String {
        "\(RandomEntities.uid(random.pick(["User", "Team", "Team", "Doc", "Folder", "Org", "Nobody"]), &random))"
    }

    private func literal(_ random: inout SeededRandom) -> String {
        random.pick([
            "\"\(random.pick(["a", "tool", "a text of more than fifteen bytes", "é", "e\\u{301}"]))\"",
            number(&random), entity(&random), "true",
        ])
    }
}
