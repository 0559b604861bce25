// Nothing absent permits, and no switch over what the gate said has a rest.

/// Nothing absent permits: no fallback and no default parameter that permits.
enum PermitRule {
    /// Checks one source of the product or its measurements; tests and their support make samples as they like.
    static func findings(in file: SourceFile) -> [Finding] {
        guard let folder = file.parts.first, ["Sources", "Benchmarks", "Fuzz"].contains(folder),
            file.target != LayerRule.testSupport
        else { return [] }
        return BannedWord.findings(of: words, rule: .permits, in: file)
    }

    private static let words = [
        BannedWord(#"\?\?\s*\w*\s*\.(?:permit|permitted|permitting|override|allow)\b"#, "an absence may not permit"),
        BannedWord(
            #":\s*(?:Outcome|Cause|Decision|Effect)\??\s*=\s*\w*\.(?:permit|permitted|override|allow)\b"#,
            "a default may not permit"
        ),
        BannedWord(
            #"\b(?:dispatch|isPermitted|mayAct|mayDispatch|isAllowed|isAuthorized)\w*\s*\?\?\s*true\b"#,
            "an absence may not permit"
        ),
    ]
}

/// Switches over outcomes, causes, rulings and the errors of the pure floors name every case.
enum SwitchRule {
    /// Checks one source of the product.
    static func findings(in file: SourceFile) -> [Finding] {
        guard file.parts.first == "Sources" else { return [] }
        let tokens = file.swift.tokens
        return tokens.indices.compactMap { index in
            guard tokens[index].text == "switch", index == 0 || tokens[index - 1].text != "." else { return nil }
            guard let line = defaultLine(of: index, in: tokens, errorsToo: isPure(file)) else { return nil }
            let message = "`default` in a switch over an outcome, a cause or an error: name every case"
            return Finding(rule: .switches, path: file.path, line: line, message: message)
        }
    }

    private static func isPure(_ file: SourceFile) -> Bool {
        file.target.flatMap { LayerRule.floors[$0] }.map { $0 <= PurityRule.floorMax } ?? false
    }

    /// The line of the `default` of a switch whose subject or whose cases speak of an outcome.
    private static func defaultLine(of start: Int, in tokens: [Token], errorsToo: Bool) -> Int? {
        guard let brace = tokens[start...].firstIndex(where: { $0.text == "{" }) else { return nil }
        let end = StopRule.closing(of: brace, in: tokens)
        var depth = 0
        var rest: Int?
        var cases: Set<String> = []
        var isPattern = false
        for index in brace..<end {
            let text = tokens[index].text
            if text == "{" || text == "(" || text == "[" { depth += 1 }
            if text == "}" || text == ")" || text == "]" { depth -= 1 }
            guard depth == 1 else { continue }
            if text == "default" { rest = tokens[index].line }
            if text == "case" { isPattern = true }
            if text == ":" { isPattern = false }
            if isPattern, text == ".", index + 1 < end { cases.insert(tokens[index + 1].text) }
        }
        let subject = tokens[(start + 1)..<brace].map(\.text)
        let speaks = subject.contains { isOutcome($0) || errorsToo && isError($0) }
        return speaks || !cases.isDisjoint(with: outcomes) ? rest : nil
    }

    /// Cases that only an outcome, an effect or a cause has.
    private static let outcomes: Set<String> = [
        "permit", "deny", "silence", "forbid", "permitted", "forbidden", "noPermit", "policyError", "halted",
        "permitRedeemed", "idempotencyConflict", "approvalRequired", "notStarted",
    ]

    private static func isOutcome(_ word: String) -> Bool {
        let lower = word.lowercased()
        return ["outcome", "cause", "ruling", "decision", "effect"].contains { lower.hasSuffix($0) }
    }

    private static func isError(_ word: String) -> Bool { word.lowercased().hasSuffix("error") }
}
