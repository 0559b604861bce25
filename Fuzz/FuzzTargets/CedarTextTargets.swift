import Bytes
import Cedar

extension FuzzTarget {
    static let cedarTexts: [FuzzTarget] = [
        FuzzTarget("policies") { input in
            let policies = try PolicySet.fuzzed(parsing: input)
            try checkEvaluation(policies)
            try checkForms(policies)
        },
        FuzzTarget("formatter", bytesMax: 1 << 14) { input in
            for (width, indent) in [(80, 2), (1, 0), (40, 4)] {
                let formatter = PolicyFormatter(width: width, indent: indent)
                let formatted: [UInt8]
                do {
                    formatted = try formatter.format(input)
                } catch FormatError.unfaithful {
                    throw FuzzFailure("the formatter is unfaithful")
                }
                let again = try reread("formatted text") { try formatter.format(formatted) }
                try demand(try formatter.format(again) == again, "formatting does not end")
            }
        },
        FuzzTarget("schema") { input in
            let fragment: SchemaFragment
            do throws(SyntaxError) {
                fragment = try SchemaFragment(parsing: input)
            } catch {
                render(error, input)
                throw error
            }
            // What does not resolve, such as a name that is declared twice, has no form to be written in.
            _ = try fragment.resolved()
            try check(fragment)
        },
        FuzzTarget("schema-type") { input in
            guard let text = Text(utf8: input) else { return }
            let type = try SchemaType(parsing: text)
            let again = try reread("a written type") { try SchemaType(parsing: Text("\(type)")) }
            try demand(type == again, "a type is read as another")
        },
        FuzzTarget("diagnostics", bytesMax: 1 << 12) { input in
            // The first bytes are places, the rest is the source.
            let places = input.prefix(4).map(Int.init) + [0, 0, 0, 0]
            let source = Array(input.dropFirst(4))
            func position(_ offset: Int) -> SourcePosition {
                SourcePosition(line: 1 + places[3], column: 1, byteOffset: offset - 8)
            }
            let range = SourceRange(start: position(places[0]), end: position(places[1]))
            let label = Diagnostic.Label(SourceRange(start: position(places[2]), end: position(places[0])), "here")
            let message = String(decoding: source, as: UTF8.self)
            let advice = Diagnostic.Advice(help: message, replacement: message, labels: [label])
            let diagnostic = Diagnostic(.cycle, message, range, advice: advice)
            let shown = DiagnosticRenderer(file: message, source: source).render(diagnostic)
            let isSafe = shown.unicodeScalars.allSatisfy { scalar in
                scalar == "\n" || (scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value))
            }
            try demand(isSafe, "a control character is shown")
            try demand(shown.split(separator: "\n").count < 16, "input makes lines")
        },
    ]

    /// What the parser and the writers make of each other.
    static func checkForms(_ policies: PolicySet) throws {
        if let text = policies.cedarText() {
            let again = try reread("the written text of policies") { try PolicySet(parsing: text) }
            try demand(again.cedarText() == text, "written policies are written differently")
            try demand(again.policies.count == policies.policies.count, "written policies are more or fewer")
        }
        let json = policies.json()
        let again = try reread("the written JSON of policies") { try PolicySet(parsingJSON: json) }
        try demand(again.json() == json, "policies in JSON are written differently")
    }

    /// The plain evaluator and the index agree, and every failure has a diagnosis.
    static func checkEvaluation(_ policies: PolicySet) throws {
        let prepared = PreparedAuthorizer(policies, CedarSample.entities)
        for request in CedarSample.requests {
            let plain = Authorizer.evaluate(request, policies, CedarSample.entities)
            try demand(prepared.evaluate(request) == plain, "the index decides differently")
            for failure in plain.failures {
                let found = policies.diagnose(policyAt: failure.policy.policy, request, CedarSample.entities)
                try demand(found?.code == failure.error.code, "a failure has no diagnosis")
            }
        }
    }

    static func check(_ fragment: SchemaFragment) throws {
        let json = fragment.json()
        let fromJSON = try reread("the written JSON of a schema") { try SchemaFragment(parsingJSON: json) }
        try demand(fromJSON.json() == json, "a schema in JSON is written differently")
        let text = try fragment.cedarText()
        let fromText = try reread("the written text of a schema") { try SchemaFragment(parsing: text) }
        try demand(try fromText.cedarText() == text, "a schema is written differently")
    }

    static func render(_ error: SyntaxError, _ input: [UInt8]) {
        _ = DiagnosticRenderer(file: "input", source: input).render(error.diagnostics)
    }
}

extension PolicySet {
    /// Reads policies, and shows what is wrong with them.
    fileprivate static func fuzzed(parsing input: [UInt8]) throws(SyntaxError) -> PolicySet {
        do throws(SyntaxError) {
            return try PolicySet(parsing: input)
        } catch {
            FuzzTarget.render(error, input)
            throw error
        }
    }
}
