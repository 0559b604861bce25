import Bytes
import Cedar

/// One line of the differential test: a schema, policies, entities and some requests.
struct World {
    private let json: JSONValue

    /// Reads a line.
    init(_ line: String) throws {
        json = try JSONValue(parsing: Array(line.utf8), limits: .file)
    }

    /// What the library says of it: refusals, or decisions.
    func answer() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        write(into: &writer)
        writer.endObject()
        return writer.bytes
    }

    private func text(_ name: Text) -> Text { json[name]?.string ?? "" }

    private func write(into writer: inout JSONWriter) {
        guard let schema = attempt("schema", &writer, { try Schema(parsing: text("schema")) }) else { return }
        let writesForms = json["forms"]?.boolean == true
        if writesForms, let fragment = try? SchemaFragment(parsing: text("schema")) {
            writer.member("schemaJSON", Text(String(decoding: fragment.json(), as: UTF8.self)))
            if let text = try? fragment.cedarText() { writer.member("schemaCedar", text) }
        }
        if writesForms {
            _ = attempt("policiesJSON", &writer) { try PolicySet(parsingJSON: Array(text("policiesJSON").utf8)) }
        }
        guard let policies = attempt("policies", &writer, { try Policies(json) }) else { return }
        // Links are left out: the reference's side validates texts.
        let isStrict = Validator(schema).validate(policies.unlinked).isValid
        writer.member("strict", isStrict)
        if writesForms, let formatted = try? PolicyFormatter().format(text("policies")) {
            writer.member("formatted", formatted)
        }
        if writesForms { policies.unlinked.writeForms(into: &writer) }
        let used = json["withSchema"]?.boolean == true ? schema : nil
        let entities = attempt("entities", &writer) {
            try Entities(JSONValue(parsing: Array(text("entities").utf8), limits: .file), schema: used)
        }
        guard let entities else { return }
        var check = SelfCheck(policies.linked, entities, isStrict ? used : nil, seed: json["number"]?.integer ?? 0)
        writer.name("results")
        writer.beginArray()
        if let requests = json["requests"] {
            for request in requests.elements { decide(request, used, &check, &writer) }
        }
        writer.endArray()
        writer.name("faults")
        writer.beginArray()
        for fault in check.faults { writer.string(Text(fault)) }
        writer.endArray()
        writer.member("partial", check.partialCount)
    }

    /// Notes what is wrong with a part, or that nothing is.
    private func attempt<Part>(_ name: Text, _ writer: inout JSONWriter, _ body: () throws -> Part) -> Part? {
        writer.name(name)
        do {
            let part = try body()
            writer.null()
            return part
        } catch {
            writer.string(Text("\(error)"))
            return nil
        }
    }

    private func decide(
        _ json: JSONValue,
        _ schema: Schema?,
        _ check: inout SelfCheck,
        _ writer: inout JSONWriter
    ) {
        writer.beginObject()
        defer { writer.endObject() }
        let request: Request
        do {
            request = try self.request(json, schema)
        } catch {
            writer.member("invalid", Text("\(error)"))
            return
        }
        let policies = check.policies
        let evaluation = Authorizer.evaluate(request, policies, check.entities)
        check.check(request, evaluation)
        writer.member("decision", Text(evaluation.decision.rawValue))
        writer.name("reasons")
        writer.beginArray()
        for name in evaluation.determining.map({ policies.policies[$0.policy].id }).sorted() { writer.string(name) }
        writer.endArray()
        writer.name("errors")
        writer.beginObject()
        for failure in evaluation.failures {
            writer.member(policies.policies[failure.policy.policy].id, failure.error.className)
        }
        writer.endObject()
    }

    private func request(_ json: JSONValue, _ schema: Schema?) throws -> Request {
        let context = try JSONValue(parsing: Array((json["context"]?.string ?? "").utf8), limits: .file)
        let action = try EntityUID(json["action"])
        let request = Request(
            principal: try EntityUID(json["principal"]),
            action: action,
            resource: try EntityUID(json["resource"]),
            context: try schema?.context(context, for: action) ?? record(context)
        )
        try schema?.validate(request)
        return request
    }

    private func record(_ json: JSONValue) throws -> Record {
        guard case .record(let record) = try ValueDecoder().value(json) else { throw WorldError.malformed }
        return record
    }

}

/// The policies of a world.
private struct Policies {
    /// The set as it was written.
    let unlinked: PolicySet
    /// With the policies that are linked to its templates.
    let linked: PolicySet

    init(_ json: JSONValue) throws {
        unlinked = try PolicySet(parsing: json["policies"]?.string ?? "")
        var links: [TemplateLink] = []
        for link in json["links"]?.elements.map(\.self) ?? [] {
            guard let id = link["id"]?.string, let template = link["template"]?.string else {
                throw WorldError.malformed
            }
            var slots: [Slot: EntityUID] = [:]
            for member in link["values"]?.members.map(\.self) ?? [] {
                guard let slot = Slot(rawValue: member.name.string) else { throw WorldError.malformed }
                slots[slot] = try EntityUID(member.value)
            }
            links.append(TemplateLink(id: id, template: template, slots: slots))
        }
        linked = try unlinked.linking(links)
    }
}

extension EntityUID {
    fileprivate init(_ json: JSONValue?) throws {
        guard let type = json?["type"]?.string, let type = EntityType(type.string), let id = json?["id"]?.string else {
            throw WorldError.malformed
        }
        self.init(type: type, id: id)
    }
}

/// A line is not of the test's format.
enum WorldError: Error {
    /// Something is missing or of the wrong kind.
    case malformed
}

extension EvaluationError {
    /// The class of the error, in the words of the test.
    var className: Text {
        switch self {
        case .entityDoesNotExist: "entity"
        case .entityAttributeDoesNotExist, .recordAttributeDoesNotExist: "attribute"
        case .entityTagDoesNotExist: "tag"
        case .type: "type"
        case .wrongNumberOfArguments: "arity"
        case .integerOverflow: "overflow"
        case .extensionFunctionFailed: "extension"
        }
    }
}
