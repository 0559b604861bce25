// Results of the server that are cut before the client sees them.

import Bytes

/// The results of `initialize`, `server/discover` and `tools/list`, reduced to what passes.
enum ServerResults {
    /// A filtered list.
    struct Listed {
        /// The result for the client.
        var body: [UInt8]
        /// The tools in it, and whether they have an output schema.
        var tools: [(name: Text, hasOutputSchema: Bool)]
    }

    /// The handshake's result: a revision that is spoken here, and no capability but tools.
    static func initialize(_ result: JSONValue) throws(RPCFault) -> (version: Text, body: [UInt8]) {
        guard let version = result["protocolVersion"]?.string, MCPRevision.handshake.contains(version) else {
            throw RPCFault(.internalError, "the server speaks no revision that this gateway speaks")
        }
        guard let server = result["serverInfo"], server.kind == .object else {
            throw RPCFault(.internalError, "the server does not say what it is")
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("protocolVersion", version)
        writer.name("capabilities")
        writer.beginObject()
        if let tools = result["capabilities"]?["tools"] {
            writer.name("tools")
            writer.beginObject()
            if tools["listChanged"]?.boolean == true { writer.member("listChanged", true) }
            writer.endObject()
        }
        writer.endObject()
        writer.name("serverInfo")
        writer.tree(server)
        if let instructions = result["instructions"]?.string { writer.member("instructions", instructions) }
        writer.endObject()
        return (version, writer.bytes)
    }

    /// The stateless description: the revisions that both sides speak, and no capability but tools.
    static func discover(_ result: JSONValue) throws(RPCFault) -> [UInt8] {
        let offered = result["supportedVersions"]?.elements.compactMap { $0.string } ?? []
        let versions = offered.filter { MCPRevision.stateless.contains($0) || MCPRevision.handshake.contains($0) }
        guard versions.contains(where: { MCPRevision.stateless.contains($0) }) else {
            throw RPCFault(.internalError, "the server speaks no revision that this gateway speaks")
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("resultType", "complete")
        writer.name("supportedVersions")
        writer.beginArray()
        for version in versions { writer.string(version) }
        writer.endArray()
        writer.name("capabilities")
        writer.beginObject()
        if result["capabilities"]?["tools"]?.kind == .object {
            // Changes of the list would come by a subscription, which does not pass.
            writer.name("tools")
            writer.beginObject()
            writer.endObject()
        }
        writer.endObject()
        for member in result.members where member.hasName("_meta") || member.hasName("instructions") {
            writer.tree(member)
        }
        writeCaching(result, to: &writer)
        writer.endObject()
        return writer.bytes
    }

    /// The list of tools: those that the map has and this actor could be permitted to call, each name once.
    static func list(_ result: JSONValue, _ map: ToolMap, isStateless: Bool) throws(RPCFault) -> Listed {
        guard let tools = result["tools"], tools.kind == .array else {
            throw RPCFault(.internalError, "the server's list has no tools")
        }
        var listed = Listed(body: [], tools: [])
        var seen: Set<Text> = []
        var writer = JSONWriter(capacity: 4_096)
        writer.beginObject()
        for member in result.members {
            switch member.name.string {
            case "tools", "ttlMs", "cacheScope": continue
            default: writer.tree(member)
            }
        }
        writer.name("tools")
        writer.beginArray()
        for tool in tools.elements {
            guard let name = tool["name"]?.string, map.tools[name]?.isVisible == true, seen.insert(name).inserted else {
                continue
            }
            writer.tree(tool)
            listed.tools.append((name, tool["outputSchema"] != nil))
        }
        writer.endArray()
        if isStateless { writeCaching(result, to: &writer) }
        writer.endObject()
        listed.body = writer.bytes
        return listed
    }

    /// What one actor sees must not be shown to another: the scope is private, whatever the server says.
    private static func writeCaching(_ result: JSONValue, to writer: inout JSONWriter) {
        writer.name("ttlMs")
        if let time = result["ttlMs"], time.kind == .integer { writer.tree(time) } else { writer.integer(0) }
        writer.member("cacheScope", "private")
    }
}
