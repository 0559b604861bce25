// `writ cedar validate|check-parse|link|translate-policy|translate-schema`.

import Bytes
import Cedar
import EnforcementPoint
import Runtime
import Service

/// What reads policies and schemas, checks them and writes them.
enum CedarPolicyCommands {
    static let validate = Command(
        specification: CommandSpecification(
            "cedar validate",
            "check Cedar policies against a schema",
            flags: CedarFlags.schemas + CedarFlags.policySet + [
                FlagSpecification("--deny-warnings", says: "fail for warnings, too"),
                FlagSpecification("--validation-mode", "MODE", says: "`strict` (default) or `permissive`"),
                FlagSpecification("--level", "N", says: "refuse what needs entity data from further away than N"),
            ],
            details: "Exit status: 0 valid, 3 not valid, 1 policies or schema cannot be read.",
            examples: ["writ cedar validate -p policies.cedar -s schema.cedarschema"]
        )
    ) { invocation in
        let input = CedarInput(invocation)
        let mode = try CedarFlags.choice(
            FlagSpecification("--validation-mode", says: ""),
            invocation.arguments,
            or: ValidationMode.strict
        )
        let level = try invocation.arguments.integer("--level", in: 0...Int64(Int32.max))
        let schema = try input.requiredSchema()
        let policies = try input.policies()
        let result = Validator(schema).validate(policies.set, mode: mode, level: level.map { Int($0) })
        let terminal = invocation.terminal
        let renderer = input.renderer(policies.name, policies.source)
        for (place, findings) in result.findings.enumerated() where !findings.isEmpty {
            let id = Terminal.plain(policies.set.policies[place].id.string)
            terminal.line("policy `\(id)`:\n\(renderer.render(findings))\n")
        }
        let hasWarnings = result.findings.contains { !$0.isEmpty }
        let isDenied = !result.isValid || hasWarnings && invocation.arguments.has("--deny-warnings")
        terminal.line("policy set validation \(isDenied ? "failed" : "passed")")
        return isDenied ? .invalid : .done
    }

    static let checkParse = Command(
        specification: CommandSpecification(
            "cedar check-parse",
            "check that Cedar policies, an expression, a schema or entities can be read",
            flags: CedarFlags.policySet + [
                FlagSpecification("--expression", "TEXT", says: "an expression")
            ] + CedarFlags.schemas + [CedarFlags.entities],
            details: """
                Without any input, policies are read from standard input.
                Exit status: 0 everything can be read, 1 something cannot.
                """,
            examples: ["writ cedar check-parse -p policies.cedar"]
        )
    ) { invocation in
        let input = CedarInput(invocation)
        let arguments = invocation.arguments
        let others = ["--expression", CedarFlags.schema.name, CedarFlags.entities.name]
        var results: [Bool] = []
        if arguments.has(CedarFlags.policies.name) || !others.contains(where: arguments.has) {
            results.append(try succeeds(invocation) { _ = try input.policies() })
        }
        if let text = arguments.value("--expression") {
            results.append(try succeeds(invocation) { try parse(expression: text, input) })
        }
        var schema: Schema?
        results.append(try succeeds(invocation) { schema = try input.schema() })
        results.append(try succeeds(invocation) { _ = try input.entities(schema) })
        return results.allSatisfy { $0 } ? .done : .failed
    }

    /// Whether something can be read; if not, it is said why.
    private static func succeeds(_ invocation: Invocation, _ body: () throws -> Void) throws -> Bool {
        do {
            try body()
            return true
        } catch let failure as CommandFailure {
            invocation.terminal.say(failure.description)
            return false
        }
    }

    private static func parse(expression text: String, _ input: CedarInput) throws {
        do throws(SyntaxError) {
            _ = try Expression(parsing: Text(text))
        } catch {
            throw CommandFailure(input.render(error, "expression", Array(text.utf8)))
        }
    }

    static let link = Command(
        specification: CommandSpecification(
            "cedar link",
            "link a policy to a template, and keep the link in a file",
            flags: CedarFlags.policySet + [
                FlagSpecification("--template-id", "ID", says: "the template"),
                FlagSpecification("--new-id", "ID", short: "-n", says: "the new policy"),
                FlagSpecification("--arguments", "JSON", short: "-a", says: "what the slots are filled with"),
            ],
            details: """
                A template is named by its annotation `@id`, else by its place: `policy0`. The file is made if it
                does not exist; the other commands take it as `--template-linked`.
                Exit status: 0 linked, 1 not.
                """,
            examples: [
                "writ cedar link -p policies.cedar -k linked --template-id AccessVacation --new-id AliceAccess "
                    + "--arguments '{\"?principal\": \"User::\\\"alice\\\"\"}'"
            ]
        )
    ) { invocation in
        let input = CedarInput(invocation)
        let path = try CedarFlags.required(CedarFlags.links, invocation.arguments)
        let template = try required("--template-id", invocation)
        let id = try required("--new-id", invocation)
        let text = try required("--arguments", invocation)
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONValue(parsing: Array(text.utf8))
        } catch {
            throw CommandFailure("`--arguments`: \(error)")
        }
        let link = try CedarLinks(template: Text(template), id: Text(id), arguments: json, in: "`--arguments`")
        let policies = try input.policies().set
        let linked = try CedarInput.linking(policies, [try link.link()])
        try CedarLinks.write(try CedarLinks.read(path) + [link], to: path)
        invocation.terminal.line("\(linked.cedarText(ofPolicyAt: linked.policies.count - 1))")
        return .done
    }

    private static func required(_ flag: String, _ invocation: Invocation) throws -> String {
        guard let value = invocation.arguments.value(flag) else { throw UsageError("`\(flag)` is missing") }
        return value
    }

    // MARK: Translation

    private static let direction = FlagSpecification(
        "--direction",
        "DIRECTION",
        says: "`cedar-to-json` or `json-to-cedar`"
    )

    static let translatePolicy = Command(
        specification: CommandSpecification(
            "cedar translate-policy",
            "translate Cedar policies from text to JSON, or from JSON to text",
            flags: [direction, CedarFlags.policies],
            details: """
                Comments are lost on the way to JSON, and identifiers on the way to text, which cannot hold linked
                policies. Exit status: 0 translated, 1 not.
                """,
            examples: ["writ cedar translate-policy --direction cedar-to-json -p policies.cedar"]
        )
    ) { invocation in
        let input = CedarInput(invocation)
        let direction: CedarFlags.Direction = try CedarFlags.choice(direction, invocation.arguments)
        let path = invocation.arguments.value(CedarFlags.policies.name) ?? "-"
        let bytes = try Terminal.read(path, bytesMax: SourceLimits.textBytesMax)
        switch direction {
        case .cedarToJSON: invocation.terminal.put(try input.textPolicies(bytes, path).set.json() + [newline])
        case .jsonToCedar:
            guard let text = try CedarInput.jsonPolicies(bytes, path).cedarText() else {
                throw CommandFailure("\(CedarInput.shown(path)): linked policies cannot be written as Cedar text")
            }
            // The layout is a courtesy: what cannot be laid out is valid Cedar all the same.
            invocation.terminal.put((try? PolicyFormatter().format(text).string) ?? text.string)
        }
        return .done
    }

    static let translateSchema = Command(
        specification: CommandSpecification(
            "cedar translate-schema",
            "translate a Cedar schema from text to JSON, or from JSON to text",
            flags: [direction, CedarFlags.schema],
            details: "Annotations are kept, comments are not. Exit status: 0 translated, 1 not.",
            examples: ["writ cedar translate-schema --direction json-to-cedar -s schema.json"]
        )
    ) { invocation in
        let input = CedarInput(invocation)
        let direction: CedarFlags.Direction = try CedarFlags.choice(direction, invocation.arguments)
        let path = invocation.arguments.value(CedarFlags.schema.name) ?? "-"
        let bytes = try Terminal.read(path, bytesMax: SourceLimits.textBytesMax)
        do {
            switch direction {
            case .cedarToJSON: invocation.terminal.put(try SchemaFragment(parsing: bytes).json() + [newline])
            case .jsonToCedar:
                invocation.terminal.put(try SchemaFragment(parsingJSON: bytes).cedarText().string)
            }
            return .done
        } catch let error as SyntaxError {
            throw CommandFailure(input.render(error, path, bytes))
        } catch {
            throw CommandFailure("\(CedarInput.shown(path)): \(Terminal.plain("\(error)"))")
        }
    }

    private static let newline = UInt8(ascii: "\n")
}
