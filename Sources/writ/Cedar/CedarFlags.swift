// The flags of `writ cedar`: those of the reference command-line tool, by the same names.

import EnforcementPoint
import Service

/// Flags that several of the Cedar commands have.
enum CedarFlags {
    static let policies = FlagSpecification(
        "--policies",
        "FILE",
        short: "-p",
        says: "policies and templates (default: standard input)"
    )
    static let policyFormat = FlagSpecification("--policy-format", "FORMAT", says: "`cedar` (default) or `json`")
    static let links = FlagSpecification(
        "--template-linked",
        "FILE",
        short: "-k",
        says: "policies linked to templates, as `writ cedar link` keeps them"
    )
    static let schema = FlagSpecification("--schema", "FILE", short: "-s", says: "the schema")
    static let schemaFormat = FlagSpecification("--schema-format", "FORMAT", says: "`cedar` (default) or `json`")
    static let entities = FlagSpecification("--entities", "FILE", says: "the entities, in Cedar's JSON format")
    static let action = FlagSpecification("--action", "UID", short: "-a", says: "the action, as 'Action::\"view\"'")
    static let context = FlagSpecification("--context", "FILE", short: "-c", says: "the context, a JSON object")
    static let timing = FlagSpecification("--timing", short: "-t", says: "say how long it took, in microseconds")

    /// Policies with their links.
    static let policySet = [policies, policyFormat, links]
    /// A schema.
    static let schemas = [schema, schemaFormat]
    /// A request.
    static let request = [
        FlagSpecification("--principal", "UID", short: "-l", says: "the principal, as 'User::\"alice\"'"),
        action,
        FlagSpecification("--resource", "UID", short: "-r", says: "the resource, as 'Photo::\"flower.jpg\"'"),
        context,
        FlagSpecification(
            "--request-json",
            "FILE",
            says: "the request: an object with principal, action, resource and context"
        ),
        FlagSpecification(
            "--request-validation",
            "BOOL",
            says: "whether the request has to fit the schema, where there is one (default: true)"
        ),
    ]

    /// The formats of policies and schemas.
    enum Format: String, CaseIterable {
        case cedar
        case json
    }

    /// The directions of translation.
    enum Direction: String, CaseIterable {
        case cedarToJSON = "cedar-to-json"
        case jsonToCedar = "json-to-cedar"
    }

    /// One of several words; the default if the flag is not given.
    static func choice<Choice: RawRepresentable & CaseIterable>(
        _ flag: FlagSpecification,
        _ arguments: ParsedArguments,
        or standard: Choice? = nil
    ) throws -> Choice where Choice.RawValue == String {
        guard let text = arguments.value(flag.name) else {
            guard let standard else { throw UsageError("`\(flag.name)` is missing") }
            return standard
        }
        guard let choice = Choice(rawValue: text) else {
            let words = Choice.allCases.map { "`\($0.rawValue)`" }.joined(separator: " or ")
            throw ArgumentError.invalidValue(flag: flag.name, value: text, expected: words)
        }
        return choice
    }

    /// The value of a flag that has to be given.
    static func required(_ flag: FlagSpecification, _ arguments: ParsedArguments) throws -> String {
        guard let value = arguments.value(flag.name) else { throw UsageError("`\(flag.name)` is missing") }
        return value
    }
}
