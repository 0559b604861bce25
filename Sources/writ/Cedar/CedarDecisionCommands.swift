// `writ cedar authorize|evaluate|tpe`.

import Bytes
import Cedar
import EnforcementPoint
import Runtime
import Service

/// What evaluates policies and expressions.
enum CedarDecisionCommands {
    static let authorize = Command(
        specification: CommandSpecification(
            "cedar authorize",
            "decide one request by Cedar policies, as Cedar itself does",
            flags: CedarFlags.request + CedarFlags.policySet + CedarFlags.schemas + [
                CedarFlags.entities,
                FlagSpecification("--verbose", short: "-v", says: "say which policies made the decision"),
                CedarFlags.timing,
            ],
            details: """
                Stock Cedar: a policy that fails is skipped and reported, even a `forbid`. The gate is stricter.
                With a schema, entities and context are read by it, and the request has to fit it.
                Exit status: 0 allow, 2 deny, 1 anything that cannot be read.
                """,
            examples: [
                "writ cedar authorize -p policies.cedar --entities entities.json "
                    + "-l 'User::\"alice\"' -a 'Action::\"view\"' -r 'Photo::\"flower.jpg\"'",
                "writ cedar authorize -p policies.cedar --entities entities.json --request-json request.json -v",
            ]
        )
    ) { invocation in
        let input = CedarInput(invocation)
        let policies = try input.policies()
        let schema = try input.schema()
        _ = try CedarFlags.required(CedarFlags.entities, invocation.arguments)
        let entities = try input.entities(schema)
        let request = try input.request(schema)
        let start = SystemTime().monotonicNanoseconds()
        let evaluation = Authorizer.evaluate(request, policies.set, entities)
        let nanoseconds = SystemTime().monotonicNanoseconds() - start
        let terminal = invocation.terminal
        sayTime(nanoseconds, invocation)
        put(evaluation.decision, terminal)
        for failure in evaluation.failures {
            let diagnostic = policies.set.diagnose(policyAt: failure.policy.policy, request, entities)
            let shown = diagnostic.map { input.renderer(policies.name, policies.source).render($0) }
            let id = Terminal.plain(policies.set.policies[failure.policy.policy].id.string)
            terminal.say("policy `\(id)` failed and was skipped\n\(shown ?? failure.error.description)")
        }
        if invocation.arguments.has("--verbose") {
            let reasons = evaluation.determining.map { policies.set.policies[$0.policy].id.string }
            terminal.line(
                reasons.isEmpty
                    ? "note: no policies applied to this request"
                    : "note: this decision was due to the following policies:"
            )
            for reason in reasons { terminal.line("  \(Terminal.plain(reason))") }
        }
        return evaluation.decision == .allow ? .done : .deny
    }

    static let evaluate = Command(
        specification: CommandSpecification(
            "cedar evaluate",
            "evaluate a Cedar expression for one request",
            operands: "EXPRESSION",
            operandCount: 1...1,
            flags: CedarFlags.request + CedarFlags.schemas + [CedarFlags.entities],
            details: "Exit status: 0 and the value on standard output, or 1 and the reason why there is none.",
            examples: [
                "writ cedar evaluate --request-json request.json --entities entities.json 'resource.owner'"
            ]
        )
    ) { invocation in
        let input = CedarInput(invocation)
        let schema = try input.schema()
        let request = try input.request(schema)
        let text = invocation.arguments.operands[0]
        let expression: Expression
        do throws(SyntaxError) {
            expression = try Expression(parsing: Text(text))
        } catch {
            throw CommandFailure(input.render(error, "expression", Array(text.utf8)))
        }
        let entities = try input.entities(schema)
        do throws(EvaluationError) {
            invocation.terminal.line(Terminal.plain(try expression.evaluate(request, entities).description))
            return .done
        } catch {
            throw CommandFailure("the expression has no value: \(Terminal.plain(error.description))")
        }
    }

    static let partial = Command(
        specification: CommandSpecification(
            "cedar tpe",
            "decide a request that is known in part, or say what is left of the policies (typed partial evaluation)",
            flags: [
                FlagSpecification("--principal-type", "TYPE", says: "the principal's type, as `User`"),
                FlagSpecification("--principal-eid", "ID", says: "the principal's identifier, if it is known"),
                CedarFlags.action,
                FlagSpecification("--resource-type", "TYPE", says: "the resource's type"),
                FlagSpecification("--resource-eid", "ID", says: "the resource's identifier, if it is known"),
                CedarFlags.context,
                FlagSpecification(
                    "--request-json",
                    "FILE",
                    says: "the request: principal_type, principal_eid, action, resource_type, resource_eid, context"
                ),
            ] + CedarFlags.policySet + CedarFlags.schemas + [CedarFlags.entities, CedarFlags.timing],
            details: """
                The policies have to validate strictly; what is not given of the request or of an entity is unknown.
                Exit status: 0 allow, 2 deny, 4 unknown (with the residual policies on standard output), 1 an error.
                The reference tool ends an unknown with 0, which a script could take for an allow.
                """,
            examples: [
                "writ cedar tpe -p policies.cedar -s schema.cedarschema --entities entities.json "
                    + "--request-json request.json"
            ]
        )
    ) { invocation in
        let input = CedarInput(invocation)
        let policies = try input.policies()
        let schema = try input.requiredSchema()
        let store = try CedarFlags.required(CedarFlags.entities, invocation.arguments)
        let entities = try failing(store) { try PartialEntities(CedarInput.json(store), schema: schema) }
        let request = try partialRequest(invocation.arguments, schema)
        let start = SystemTime().monotonicNanoseconds()
        let evaluation = try failing(policies.name) {
            try policies.set.partiallyEvaluate(request, entities, schema: schema)
        }
        sayTime(SystemTime().monotonicNanoseconds() - start, invocation)
        let terminal = invocation.terminal
        guard let decision = evaluation.decision else {
            terminal.line(terminal.styled("UNKNOWN", .doubtful))
            let residuals = evaluation.nontrivialResiduals
            for place in residuals.policies.indices {
                let id = Terminal.plain(residuals.policies[place].id.string)
                terminal.line("// \(id)\n\(residuals.cedarText(ofPolicyAt: place))")
            }
            return .hold
        }
        put(decision, terminal)
        return decision == .allow ? .done : .deny
    }

    /// The request of `--request-json`, or of `--principal-type` and its like.
    private static func partialRequest(_ arguments: ParsedArguments, _ schema: Schema) throws -> PartialRequest {
        let members = [
            ("principal_type", "--principal-type"), ("principal_eid", "--principal-eid"), ("action", "--action"),
            ("resource_type", "--resource-type"), ("resource_eid", "--resource-eid"), ("context", "--context"),
        ]
        if let path = arguments.value("--request-json") {
            for (_, flag) in members where arguments.has(flag) {
                throw UsageError("`\(flag)` and `--request-json` exclude each other")
            }
            return try failing(path) { try PartialRequest(CedarInput.json(path), schema: schema) }
        }
        for flag in ["--principal-type", "--action", "--resource-type"] where !arguments.has(flag) {
            throw UsageError("`\(flag)` is missing")
        }
        var writer = JSONWriter()
        writer.beginObject()
        for (name, flag) in members {
            guard let value = arguments.value(flag) else { continue }
            if name == "context" {
                writer.name("context")
                writer.raw(try Terminal.read(value, bytesMax: JSONLimits.file.bytesMax))
            } else {
                writer.member(Text(name), Text(value))
            }
        }
        writer.endObject()
        let bytes = writer.bytes
        return try failing("the request") {
            try PartialRequest(JSONValue(parsing: bytes, limits: .file), schema: schema)
        }
    }

    /// Runs something, and says of its error where it comes from.
    private static func failing<Result>(_ place: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure("\(Terminal.plain(place)): \(Terminal.plain("\(error)"))")
        }
    }

    private static func put(_ decision: Decision, _ terminal: Terminal) {
        switch decision {
        case .allow: terminal.line(terminal.styled("ALLOW", .good))
        case .deny: terminal.line(terminal.styled("DENY", .bad))
        }
    }

    private static func sayTime(_ nanoseconds: UInt64, _ invocation: Invocation) {
        guard invocation.arguments.has(CedarFlags.timing.name) else { return }
        invocation.terminal.line("Authorization Time (micro seconds) : \(nanoseconds / 1000)")
    }
}
