// One `tools/call`: what is judged, and exactly what is forwarded.

import Authorization
import Bytes
import Cryptography

/// The parameters of a `tools/call`, read strictly.
struct ToolCall {
    /// The member of `_meta` in which a client names its idempotency key.
    static let keyMember: Text = "writ/idempotency-key"

    /// The tool.
    let name: Text
    /// The arguments; nil stands for an empty object.
    private let value: JSONValue?
    /// The arguments as they are judged and forwarded: the same bytes for both.
    let arguments: [UInt8]
    /// The idempotency key that the client named.
    let clientKey: Text?
    /// What the client wants to be told of the progress.
    let progressToken: RPCID?

    init(_ params: JSONValue?) throws(RPCFault) {
        guard let params else { throw RPCFault(.invalidParams, "`params` is missing") }
        for member in params.members {
            switch member.name.string {
            case "name", "arguments", "_meta": continue
            // Whatever is forwarded is judged, so what cannot be judged is not forwarded.
            default: throw RPCFault(.invalidParams, "`params.\(member.name)` does not pass this gateway")
            }
        }
        guard let name = params["name"]?.string, Self.isName(name) else {
            throw RPCFault(.invalidParams, "`params.name` is not a tool's name")
        }
        self.name = name
        let arguments = params["arguments"]
        guard arguments == nil || arguments?.kind == .object else {
            throw RPCFault(.invalidParams, "`params.arguments` is not an object")
        }
        value = arguments
        var writer = JSONWriter()
        if let arguments {
            writer.tree(arguments)
        } else {
            writer.beginObject()
            writer.endObject()
        }
        self.arguments = writer.bytes
        let meta = params["_meta"]
        guard meta == nil || meta?.kind == .object else { throw RPCFault(.invalidParams, "`_meta` is not an object") }
        progressToken = meta?["progressToken"].flatMap(RPCID.init)
        if let key = meta?[Self.keyMember] {
            guard let key = key.string, Self.isName(key) else {
                throw RPCFault(.invalidParams, "`_meta.\(Self.keyMember)` is not a key")
            }
            clientKey = key
        } else {
            clientKey = nil
        }
    }

    /// The same call under the same key has the same digest.
    var digest: Digest {
        var hasher = SHA256Hasher()
        hasher.update(SHA256.digest(of: name))
        hasher.update(arguments)
        return hasher.finalize()
    }

    /// What is asked of a call whose tool the map has.
    ///
    /// - Throws: ``CallFault`` when the arguments do not have what the map needs of them; such a call is never
    ///   forwarded.
    func intent(_ tool: ToolMap.Tool, actor: EntityName, surface: Text) throws(CallFault) -> Intent {
        Intent(
            actor: actor,
            surface: surface,
            action: tool.action,
            target: EntityName(type: tool.targetType, id: try target(tool.target)),
            context: arguments,
            key: try key(tool)
        )
    }

    /// What is asked of a call that can never be forwarded: the gate finds no such type, and writes that down.
    ///
    /// A call of a tool that the map does not have asks for an action of the tool's name.
    func unplacedIntent(_ tool: ToolMap.Tool?, actor: EntityName, surface: Text, type: Text) -> Intent {
        let target = EntityName(type: type, id: name)
        let action = tool?.action ?? name
        return Intent(actor: actor, surface: surface, action: action, target: target, context: arguments, key: nil)
    }

    private func target(_ target: ToolMap.Target) throws(CallFault) -> Text {
        switch target {
        case .id(let id): return id
        case .pointer(let pointer):
            let found = value.flatMap { pointer.value(in: $0) }
            let id = found.flatMap { $0.kind == .integer ? Text($0.token) : $0.string }
            guard let id else { throw .targetMissing(pointer.text) }
            guard !id.isEmpty, id.byteCount <= RequestLimits.idBytesMax else { throw .targetSize(pointer.text) }
            return id
        }
    }

    /// The idempotency key: where the surface names its parts, a client can neither choose another one nor do without.
    private func key(_ tool: ToolMap.Tool) throws(CallFault) -> Text? {
        guard !tool.key.isEmpty else { return clientKey }
        var key = CallKey(action: tool.action)
        for pointer in tool.key {
            guard let part = value.flatMap({ pointer.value(in: $0) }), part.kind != .null else {
                throw .keyPartMissing(pointer.text)
            }
            guard key.append(part) else { throw .keyPartExponent(pointer.text) }
        }
        return key.finished()
    }

    private static func isName(_ text: Text) -> Bool {
        guard !text.isEmpty, text.byteCount <= MCPLimits.toolNameBytesMax else { return false }
        return text.string.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
    }
}
