// How the tools of an MCP server become actions of a surface, as the gate's bundle says.

package import Bytes

/// The answer to `GET /v1/surfaces/{surface}/mcp?actor=NAME`.
package struct ToolMap: Sendable {
    /// Where the id of a target comes from.
    package enum Target: Hashable, Sendable {
        /// Always this id.
        case id(Text)
        /// The value at this place in the arguments.
        case pointer(JSONPointer)
    }

    /// One tool of the map.
    package struct Tool: Sendable {
        /// The action that a call of it is.
        package let action: Text
        /// The type of the target.
        package let targetType: Text
        /// The id of the target.
        package let target: Target
        /// The places in the arguments that make the idempotency key together; empty for none.
        package let key: [JSONPointer]
        /// Whether some call of it could be permitted for this actor.
        package let isVisible: Bool
    }

    /// The surface.
    package let surface: Text
    /// The digest of the bundle that says so.
    package let bundleDigest: Text
    /// Whether the surface demands an idempotency key.
    package let isIrreversible: Bool
    /// The tools by name.
    package let tools: [Text: Tool]

    /// The most tools of one surface.
    package static let toolsMax = 4_096
    /// The most parts of one idempotency key.
    package static let keyPartsMax = 8
}

extension ToolMap {
    /// Reads a reply, strictly: a tool with a member that is not known could be narrower than it looks.
    package init(_ reply: GateReply, surface: Text) throws(GateFailure) {
        guard reply.status == 200, reply.mediaType == "application/json" else {
            guard reply.mediaType == "application/problem+json",
                let value = try? JSONValue(parsing: reply.body, limits: AnswerReader.limits)
            else { throw .irregular("status \(reply.status)") }
            throw .refused(Problem.describe(value, status: reply.status))
        }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: reply.body, limits: AnswerReader.limits)
        } catch {
            throw .irregular("\(error)")
        }
        let members = AnswerMembers(value)
        guard try members.text("surface") == surface else { throw .irregular("a map of another surface") }
        guard let digest = try members.bundleDigest() else { throw .irregular("a map without a bundle") }
        guard let list = value["tools"], list.kind == .object, list.count <= Self.toolsMax else {
            throw .irregular("`tools` is not an object of at most \(Self.toolsMax) members")
        }
        var tools: [Text: Tool] = [:]
        for member in list.members {
            tools[member.name] = try Self.tool(member.value)
        }
        self.surface = surface
        bundleDigest = digest
        isIrreversible = try members.flag("irreversible")
        self.tools = tools
    }

    private static func tool(_ value: JSONValue) throws(GateFailure) -> Tool {
        for member in value.members {
            switch member.name.string {
            case "action", "target", "key", "visible": continue
            default: throw .irregular("unknown member `\(member.name)` of a tool")
            }
        }
        let members = AnswerMembers(value)
        guard let target = value["target"], target.kind == .object, target.count == 2 else {
            throw .irregular("a tool without a target")
        }
        let source: Target
        switch (target["id"]?.string, target["pointer"]?.string) {
        case (let id?, nil): source = .id(id)
        case (nil, let pointer?): source = .pointer(try Self.pointer(pointer))
        case (nil, nil), (.some, .some): throw .irregular("a target that has neither or both of `id` and `pointer`")
        }
        return Tool(
            action: try members.text("action"),
            targetType: try AnswerMembers(target).text("type"),
            target: source,
            key: try key(value["key"]),
            isVisible: try members.flag("visible")
        )
    }

    private static func key(_ value: JSONValue?) throws(GateFailure) -> [JSONPointer] {
        guard let value else { return [] }
        guard value.kind == .array, value.count <= keyPartsMax else { throw .irregular("`key` is not a short list") }
        var parts: [JSONPointer] = []
        for element in value.elements {
            guard let text = element.string else { throw .irregular("`key` is not a list of pointers") }
            parts.append(try pointer(text))
        }
        return parts
    }

    private static func pointer(_ text: Text) throws(GateFailure) -> JSONPointer {
        guard let pointer = JSONPointer(text) else { throw .irregular("`\(text)` is not a pointer") }
        return pointer
    }
}
