// The tools of an MCP server, as its `tools/list` describes them.

package import Bytes

/// Why a list of tools is not one.
package enum ToolListError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The text is not strict JSON.
    case json(String)
    /// There is no list of tools in it.
    case noTools
    /// A tool has no usable name.
    case name(position: Int)
    /// Two tools have the same name.
    case duplicate(Text)
    /// More tools than a surface may have.
    case tooMany(max: Int)

    /// One line that says what is wrong.
    package var description: String {
        switch self {
        case .json(let reason): "the list of tools: \(reason)"
        case .noTools: "there is no list of tools: expected `{\"tools\":[…]}`, an answer with it, or one tool"
        case .name(let position): "tool \(position + 1) has no name of 1 to 128 bytes without control characters"
        case .duplicate(let name): "two tools have the name `\(name)`"
        case .tooMany(let max): "more than \(max) tools"
        }
    }
}

/// One tool with the schema of its arguments.
package struct ToolDescription: Sendable {
    /// The name.
    package let name: Text
    /// What the server says of it, if anything; nobody has checked it.
    package let summary: Text?
    /// The JSON Schema of the arguments; nil if there is none.
    package let schema: JSONValue?
    /// Whether the server says that the tool only reads; a claim, not a fact.
    package let claimsToRead: Bool

    /// The most tools.
    package static let toolsMax = 4_096
    /// The bounds of a list of tools.
    package static let limits = JSONLimits(bytesMax: 16 << 20, depthMax: 64, nodesMax: 2_000_000, integerMax: 1 << 63)
    private static let nameBytesMax = 128

    /// Reads the tools of a text: a list, an object with `tools`, the answer of a server with it in `result`, or one
    /// tool.
    ///
    /// - Returns: The tools, ascending by name.
    package static func list(parsing text: [UInt8]) throws(ToolListError) -> [ToolDescription] {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: text, limits: limits)
        } catch {
            throw .json(error.description)
        }
        return try list(try tools(in: value))
    }

    /// Reads the tools of several pages.
    package static func list(_ tools: [JSONValue]) throws(ToolListError) -> [ToolDescription] {
        guard tools.count <= toolsMax else { throw .tooMany(max: toolsMax) }
        var descriptions: [Text: ToolDescription] = [:]
        for (position, tool) in tools.enumerated() {
            guard let description = ToolDescription(tool) else { throw .name(position: position) }
            guard descriptions.updateValue(description, forKey: description.name) == nil else {
                throw .duplicate(description.name)
            }
        }
        return descriptions.values.sorted { $0.name < $1.name }
    }

    /// The tools in one JSON value.
    package static func tools(in value: JSONValue) throws(ToolListError) -> [JSONValue] {
        let list = value["tools"] ?? value["result"]?["tools"] ?? value
        if list.kind == .array { return Array(list.elements) }
        guard value.kind == .object, value["name"] != nil else { throw .noTools }
        return [value]
    }

    private init?(_ value: JSONValue) {
        guard let name = value["name"]?.string, (1...Self.nameBytesMax).contains(name.byteCount),
            name.string.unicodeScalars.allSatisfy({ $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) })
        else { return nil }
        self.name = name
        summary = value["description"]?.string ?? value["title"]?.string
        let given = value["inputSchema"] ?? value["input_schema"]
        // Some servers wrap the schema once more.
        schema = given?["json"]?.kind == .object ? given?["json"] : given
        claimsToRead = value["annotations"]?["readOnlyHint"]?.boolean ?? false
    }
}
