// What the Cedar commands read: policies, schemas, entities and requests from files.

import Bytes
import Cedar
import EnforcementPoint
import Runtime
import Service

/// Reads the inputs of one run of a Cedar command.
struct CedarInput {
    let arguments: ParsedArguments
    let terminal: Terminal

    init(_ invocation: Invocation) {
        arguments = invocation.arguments
        terminal = invocation.terminal
    }

    // MARK: Policies

    /// A policy set with the text that its findings can be shown in.
    struct Policies {
        var set: PolicySet
        let name: String
        /// Empty for policies in JSON.
        let source: [UInt8]
    }

    /// The policies of `--policies`, named by their `@id`, with the links of `--template-linked`.
    func policies() throws -> Policies {
        var policies = try unlinkedPolicies()
        guard let path = arguments.value(CedarFlags.links.name) else { return policies }
        policies.set = try Self.linking(policies.set, CedarLinks.read(path).map { try $0.link() })
        return policies
    }

    /// The policies of `--policies` alone.
    func unlinkedPolicies() throws -> Policies {
        let path = arguments.value(CedarFlags.policies.name) ?? "-"
        let bytes = try Terminal.read(path, bytesMax: SourceLimits.textBytesMax)
        switch try CedarFlags.choice(CedarFlags.policyFormat, arguments, or: CedarFlags.Format.cedar) {
        case .cedar: return try textPolicies(bytes, path)
        case .json: return Policies(set: try Self.jsonPolicies(bytes, path), name: path, source: [])
        }
    }

    func textPolicies(_ bytes: [UInt8], _ path: String) throws -> Policies {
        let set: PolicySet
        do throws(SyntaxError) {
            set = try PolicySet(parsing: bytes)
        } catch {
            throw CommandFailure(render(error, path, bytes))
        }
        do throws(PolicySetError) {
            return Policies(set: try set.namedByAnnotation(), name: path, source: bytes)
        } catch {
            throw CommandFailure("\(Self.shown(path)): \(error)")
        }
    }

    static func jsonPolicies(_ bytes: [UInt8], _ path: String) throws -> PolicySet {
        do throws(CedarJSONError) {
            return try PolicySet(parsingJSON: bytes)
        } catch {
            throw CommandFailure("\(shown(path)): \(Terminal.plain(error.description))")
        }
    }

    static func linking(_ set: PolicySet, _ links: [TemplateLink]) throws -> PolicySet {
        do throws(PolicySetError) {
            return try set.linking(links)
        } catch {
            throw CommandFailure("\(error)")
        }
    }

    /// Findings with the lines that they speak of.
    func render(_ error: SyntaxError, _ path: String, _ bytes: [UInt8]) -> String {
        renderer(path, bytes).render(error.diagnostics)
    }

    func renderer(_ path: String, _ bytes: [UInt8]) -> DiagnosticRenderer {
        DiagnosticRenderer(file: path == "-" ? "standard input" : path, source: bytes)
    }

    /// A path in a message.
    static func shown(_ path: String) -> String { path == "-" ? "standard input" : "`\(Terminal.plain(path))`" }

    // MARK: Schemas and entities

    /// The schema of `--schema`, if it is given.
    func schema() throws -> Schema? {
        guard let path = arguments.value(CedarFlags.schema.name) else { return nil }
        let bytes = try Terminal.read(path, bytesMax: SourceLimits.textBytesMax)
        switch try CedarFlags.choice(CedarFlags.schemaFormat, arguments, or: CedarFlags.Format.cedar) {
        case .cedar:
            do throws(SyntaxError) {
                return try Schema(parsing: bytes)
            } catch {
                throw CommandFailure(render(error, path, bytes))
            }
        case .json:
            do throws(CedarJSONError) {
                return try Schema(parsingJSON: bytes)
            } catch {
                throw CommandFailure("\(Self.shown(path)): \(Terminal.plain(error.description))")
            }
        }
    }

    /// The schema of `--schema`, which has to be given.
    func requiredSchema() throws -> Schema {
        guard let schema = try schema() else { throw UsageError("`--schema` is missing") }
        return schema
    }

    /// The entities of `--entities`; none if it is not given.
    func entities(_ schema: Schema?) throws -> Entities {
        guard let path = arguments.value(CedarFlags.entities.name) else { return .empty }
        let json = try Self.json(path)
        do throws(DecodingError) {
            return try Entities(json, schema: schema)
        } catch {
            throw CommandFailure("\(Self.shown(path)): \(Terminal.plain(error.description))")
        }
    }

    static func json(_ path: String) throws -> JSONValue {
        let bytes = try Terminal.read(path, bytesMax: JSONLimits.file.bytesMax)
        do throws(JSONError) {
            return try JSONValue(parsing: bytes, limits: .file)
        } catch {
            let place = error.lineAndColumn(in: bytes)
            throw CommandFailure("\(shown(path)): line \(place.line), column \(place.column): \(error.reasonText)")
        }
    }

    // MARK: Requests

    /// The request of `--request-json`, or of `--principal` and its like.
    func request(_ schema: Schema?) throws -> Request {
        let isValidated = try CedarFlags.choice(CedarFlags.request[5], arguments, or: Truth.true)
        if let path = arguments.value("--request-json") {
            for flag in ["--principal", "--action", "--resource", "--context"] where arguments.has(flag) {
                throw UsageError("`\(flag)` and `--request-json` exclude each other")
            }
            return try Self.request(Self.json(path), schema, isValidated: isValidated == .true, in: Self.shown(path))
        }
        let context = try arguments.value(CedarFlags.context.name).map { path in
            (json: try Self.json(path), place: Self.shown(path))
        }
        let action = try uid("--action")
        let request = Request(
            principal: try uid("--principal"),
            action: action,
            resource: try uid("--resource"),
            context: try context.map { try Self.context($0.json, schema, action, in: $0.place) } ?? .empty
        )
        return try Self.validated(request, isValidated == .true ? schema : nil, in: "the request")
    }

    /// The values of a flag that is true or false.
    private enum Truth: String, CaseIterable {
        case `true`
        case `false`
    }

    private func uid(_ flag: String) throws -> EntityUID {
        guard let text = arguments.value(flag) else { throw UsageError("`\(flag)` is missing") }
        return try Self.uid(text, in: "`\(flag)`")
    }

    static func uid(_ text: String, in place: String) throws -> EntityUID {
        guard let uid = EntityUID(text) else {
            throw CommandFailure("\(place): `\(Terminal.plain(text))` is not an entity such as `User::\"alice\"`")
        }
        return uid
    }

    /// Reads `{"principal": "User::\"alice\"", "action": …, "resource": …, "context": {…}}`.
    static func request(
        _ json: JSONValue,
        _ schema: Schema?,
        isValidated: Bool,
        in place: String
    ) throws -> Request {
        guard json.kind == .object else { throw CommandFailure("\(place): a request is an object") }
        let known: Set<Text> = ["principal", "action", "resource", "context"]
        for member in json.members where !known.contains(member.name) {
            throw CommandFailure("\(place): unknown member `\(Terminal.plain(member.name.string))` of the request")
        }
        func entity(_ name: Text) throws -> EntityUID {
            guard let text = json[name]?.string else {
                throw CommandFailure("\(place): `\(name)` is missing, or is not a string")
            }
            return try uid(text.string, in: "\(place): `\(name)`")
        }
        guard let context = json["context"] else { throw CommandFailure("\(place): `context` is missing") }
        let action = try entity("action")
        let request = Request(
            principal: try entity("principal"),
            action: action,
            resource: try entity("resource"),
            context: try self.context(context, schema, action, in: place)
        )
        return try validated(request, isValidated ? schema : nil, in: place)
    }

    private static func context(
        _ json: JSONValue,
        _ schema: Schema?,
        _ action: EntityUID,
        in place: String
    ) throws -> Record {
        do {
            if let schema { return try schema.context(json, for: action) }
            guard json.kind == .object, case .record(let record) = try ValueDecoder().value(json) else {
                throw CommandFailure("\(place): the context is not an object")
            }
            return record
        } catch let error as RequestError {
            throw CommandFailure("\(place): \(Terminal.plain(error.description))")
        } catch let error as DecodingError {
            throw CommandFailure("\(place): context: \(Terminal.plain(error.description))")
        }
    }

    private static func validated(_ request: Request, _ schema: Schema?, in place: String) throws -> Request {
        do throws(RequestError) {
            try schema?.validate(request)
            return request
        } catch {
            throw CommandFailure("\(place): \(Terminal.plain(error.description))")
        }
    }
}
