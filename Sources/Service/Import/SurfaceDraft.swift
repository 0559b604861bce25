// A surface drafted from the tools of an MCP server: a beginning for a person to review, which permits nothing.

package import Bytes

/// The files of a drafted surface.
package struct SurfaceDraft: Sendable {
    /// The name of the surface.
    package let surface: Text
    /// The files: path below the policy directory, and content.
    package let files: [(path: String, text: String)]
    /// What could not be mapped, in whole lines.
    package let remarks: [String]

    /// Drafts the files.
    ///
    /// - Parameters:
    ///   - surface: The name, which must be one that a surface can have.
    ///   - tools: The tools, ascending by name.
    ///   - audience: The enforcement point that may redeem.
    ///   - actorNamespace: The namespace of `Agent`, as bundle.json says it; nil for none.
    package init(surface: Text, tools: [ToolDescription], audience: Text, actorNamespace: Text?) {
        self.surface = surface
        let namespace = Self.namespace(surface)
        let actor = actorNamespace.map { "\($0)::Agent" } ?? "Agent"
        var schema = SchemaDraft(namespace: namespace, actor: actor)
        var remarks: [String] = []
        for tool in tools {
            let record = TypeMapper.arguments(tool.schema)
            schema.add(tool, record)
            for refused in record.refused {
                remarks.append("`\(tool.name)`: `\(TypeMapper.plain(refused.name))` is not mapped: \(refused.reason)")
            }
            for remark in record.remarks { remarks.append("`\(tool.name)`: \(remark)") }
        }
        self.remarks = remarks
        let folder = "surfaces/\(surface)"
        files = [
            ("\(folder)/policies.cedar", Self.policies(surface, namespace, tools)),
            ("\(folder)/schema.cedarschema", schema.finished),
            ("\(folder)/surface.json", Self.settings(surface, namespace, tools, audience)),
        ]
    }

    /// Whether a text can name a surface: ASCII letters, digits, `_`, `-` and `.`, a letter or digit first.
    package static func isName(_ text: Text) -> Bool {
        guard let first = text.utf8.first, text.byteCount <= 64, CedarName.isLetter(first) || CedarName.isDigit(first)
        else { return false }
        return text.utf8.allSatisfy { byte in
            CedarName.isLetter(byte) || CedarName.isDigit(byte) || "_-.".utf8.contains(byte)
        }
    }

    /// The Cedar namespace for a surface's name.
    static func namespace(_ surface: Text) -> String {
        var name = ""
        for byte in surface.utf8 {
            let isPlain = CedarName.isLetter(byte) || CedarName.isDigit(byte)
            name.unicodeScalars.append(isPlain ? Unicode.Scalar(byte) : "_")
        }
        if let first = name.utf8.first, CedarName.isDigit(first) { name = "_\(name)" }
        return CedarName.isIdentifier(name) ? name : "\(name)_"
    }

    // MARK: surface.json

    private static func settings(
        _ surface: Text,
        _ namespace: String,
        _ tools: [ToolDescription],
        _ audience: Text
    ) -> String {
        var text = "{\n  \"mode\": \"enforce\",\n"
        if Text(namespace) != surface { text += "  \"namespace\": \(quoted(Text(namespace))),\n" }
        text += "  \"audience\": [\(quoted(audience))],\n  \"mcp\": {\n    \"tools\": {"
        for (position, tool) in tools.enumerated() {
            let target = "{\"type\": \"Server\", \"id\": \(quoted(surface))}"
            text += position == 0 ? "\n" : ",\n"
            text += "      \(quoted(tool.name)): {\"action\": \(quoted(tool.name)), \"target\": \(target)}"
        }
        return text + "\n    }\n  }\n}\n"
    }

    // MARK: policies.cedar

    private static func policies(_ surface: Text, _ namespace: String, _ tools: [ToolDescription]) -> String {
        var text = """
            // Drafted from what the server says of its tools (\(tools.count)). Nobody has reviewed it: everything is
            // forbidden.
            //
            // To use a tool: read its action in schema.cedarschema, permit exactly what is wanted, test it in tests/,
            // and take the `forbid` below away when all tools have been looked at.

            @id("not-reviewed")
            @reason("Nobody has reviewed this surface yet.")
            forbid (principal, action, resource);

            """
        for tool in tools {
            let hint = tool.claimsToRead ? " The server says that it only reads: a claim, not a fact." : ""
            text += """

                //\(hint)
                // @id(\(CedarName.quoted(policyID(tool.name))))
                // @reason("…")
                // permit (principal, action == \(namespace)::Action::\(CedarName.quoted(tool.name)), resource);

                """
        }
        return text
    }

    /// An id for a policy about a tool.
    private static func policyID(_ tool: Text) -> Text {
        var id = ""
        for byte in tool.utf8 {
            let isPlain = CedarName.isLetter(byte) || CedarName.isDigit(byte)
            id.unicodeScalars.append(isPlain ? Unicode.Scalar(byte) : "-")
        }
        return Text(id)
    }

    private static func quoted(_ text: Text) -> String {
        var bytes: [UInt8] = []
        CanonicalJSON.append(text, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Writes a schema, tool by tool.
private struct SchemaDraft {
    private var text: String
    private let actor: String

    init(namespace: String, actor: String) {
        self.actor = actor
        text = """
            // Drafted from the server's own descriptions of its tools. Arguments that are not named here are refused,
            // and so is null.
            //
            // Every call is about the whole server. Where a tool acts on something that policies should tell apart,
            // declare an entity type for it and let `target` in surface.json point to the argument that names it.
            namespace \(namespace) {
                entity Server;

            """
    }

    var finished: String { text + "}\n" }

    mutating func add(_ tool: ToolDescription, _ record: DraftRecord) {
        text += "\n"
        if let summary = tool.summary { comment("The server says: \(TypeMapper.plain(summary))", depth: 1) }
        for remark in record.remarks { comment(TypeMapper.plain(Text(remark)), depth: 1) }
        for refused in record.refused {
            let name = TypeMapper.plain(refused.name)
            comment("NOT MAPPED: `\(name)`: \(TypeMapper.plain(Text(refused.reason)))", depth: 1)
        }
        text += "    action \(CedarName.quoted(tool.name)) appliesTo {\n"
        text += "        principal: [\(actor)],\n        resource: [Server],\n        context: "
        write(record.attributes, depth: 2)
        text += ",\n    };\n"
    }

    private mutating func comment(_ words: String, depth: Int) {
        text += "\(String(repeating: "    ", count: depth))// \(words)\n"
    }

    private mutating func write(_ attributes: [DraftAttribute], depth: Int) {
        guard !attributes.isEmpty else {
            text += "{}"
            return
        }
        text += "{\n"
        for attribute in attributes {
            for remark in attribute.remarks { comment(TypeMapper.plain(Text(remark)), depth: depth + 1) }
            let optional = attribute.isRequired ? "" : "?"
            text += "\(String(repeating: "    ", count: depth + 1))\(CedarName.quoted(attribute.name))\(optional): "
            write(attribute.type, depth: depth + 1)
            text += ",\n"
        }
        text += "\(String(repeating: "    ", count: depth))}"
    }

    private mutating func write(_ type: DraftType, depth: Int) {
        switch type {
        case .string: text += "String"
        case .long: text += "Long"
        case .decimal: text += "decimal"
        case .bool: text += "Bool"
        case .set(let element):
            text += "Set<"
            write(element, depth: depth)
            text += ">"
        case .record(let attributes): write(attributes, depth: depth)
        }
    }
}

/// Names and strings of Cedar's text.
enum CedarName {
    private static let reserved: Set<String> = [
        "true", "false", "if", "then", "else", "in", "is", "like", "has", "__cedar",
    ]

    static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }

    static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// Whether a text is an identifier that is not reserved.
    static func isIdentifier(_ text: String) -> Bool {
        guard let first = text.utf8.first, !isDigit(first), !reserved.contains(text) else { return false }
        return text.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "_") }
    }

    /// A string literal; everything that is not printable ASCII is escaped, so that nothing hides in it.
    static func quoted(_ text: Text) -> String {
        var literal = "\""
        for scalar in text.string.unicodeScalars {
            switch scalar {
            case "\"": literal += "\\\""
            case "\\": literal += "\\\\"
            default:
                if scalar.value >= 0x20, scalar.value < 0x7F {
                    literal.unicodeScalars.append(scalar)
                } else {
                    literal += "\\u{\(String(scalar.value, radix: 16))}"
                }
            }
        }
        return literal + "\""
    }
}
