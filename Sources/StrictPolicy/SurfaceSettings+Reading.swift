// Reading `surface.json`: what this release does not enforce is refused by name.

import Authorization
import Bytes

/// The members of `surface.json` as they are found.
struct SurfaceSettingsReader {
    private var reader: SettingsReader
    private let surface: Text
    private var mode = false
    private var owner: Text?
    private var namespace: Text?
    private var audience: [Text]?
    private var irreversible = false
    private var deadline = SurfaceLimits.deadlineMillisecondsDefault
    private var act = SurfaceLimits.actMillisecondsDefault
    private var effect = SurfaceLimits.effectMillisecondsDefault
    private var window = SurfaceLimits.windowSecondsDefault
    private var tools: [ToolMapping]?
    private var environment: [Text]?

    /// Reads the settings of a surface; nil, with problems, if anything is wrong with them.
    static func read(_ file: SourceFile, surface: Text) -> (settings: SurfaceSettings?, problems: [PolicyProblem]) {
        var reader = SurfaceSettingsReader(reader: SettingsReader(file), surface: surface)
        let settings = reader.settings()
        return (reader.reader.problems.isEmpty ? settings : nil, reader.reader.problems)
    }

    private init(reader: SettingsReader, surface: Text) {
        self.reader = reader
        self.surface = surface
    }

    private mutating func settings() -> SurfaceSettings? {
        guard let root = reader.root() else { return nil }
        for member in root.members { take(member.name, member.value) }
        if !mode, root["mode"] == nil { reader.failMissing("mode", at: []) }
        if audience == nil, root["audience"] == nil { reader.failMissing("audience", at: []) }
        guard mode, let audience else { return nil }
        return SurfaceSettings(
            owner: owner,
            namespace: namespace ?? surface,
            audience: audience.sorted(),
            irreversible: irreversible,
            deadlineMilliseconds: deadline,
            actMilliseconds: act,
            effectMilliseconds: effect,
            windowSeconds: window,
            mcpTools: tools?.sorted { $0.tool < $1.tool },
            execEnvironment: environment?.sorted()
        )
    }

    private mutating func take(_ name: Text, _ value: JSONValue) {
        let path = [JSONStep.member(name)]
        let nameMax = RequestLimits.nameBytesMax
        switch name.string {
        case "mode": readMode(value)
        case "owner": owner = reader.text(value, bytesMax: nameMax, at: path)
        case "namespace": namespace = reader.text(value, bytesMax: nameMax, at: path)
        case "audience":
            audience = reader.texts(value, count: SurfaceLimits.audience, bytesMax: nameMax, at: path)
        case "irreversible": irreversible = reader.boolean(value, at: path) ?? true
        case "deadline_milliseconds":
            deadline = reader.integer(value, in: SurfaceLimits.deadlineMilliseconds, at: path) ?? deadline
        case "act_milliseconds": act = reader.integer(value, in: SurfaceLimits.actMilliseconds, at: path) ?? act
        case "effect_milliseconds":
            effect = reader.integer(value, in: SurfaceLimits.effectMilliseconds, at: path) ?? effect
        case "window_seconds": window = reader.integer(value, in: SurfaceLimits.windowSeconds, at: path) ?? window
        case "mcp": tools = mcp(value, at: path)
        case "exec": environment = exec(value, at: path)
        default: reader.failUnknown(name, at: [])
        }
    }

    private mutating func readMode(_ value: JSONValue) {
        switch value.string?.string {
        case "enforce": mode = true
        case "shadow":
            reader.fail(.unsupported, at: [.member("mode")], "mode `shadow` is not supported by this release")
        case nil, .some:
            reader.fail(.invalidMember, at: [.member("mode")], "`mode` must be `enforce`")
        }
    }

    private mutating func exec(_ value: JSONValue, at path: [JSONStep]) -> [Text]? {
        guard let object = reader.object(value, at: path) else { return nil }
        for member in object.members where !member.hasName("environment") {
            reader.failUnknown(member.name, at: path)
        }
        guard let names = object["environment"] else {
            reader.failMissing("environment", at: path)
            return nil
        }
        let namesPath = path + [.member("environment")]
        let count = 0...SurfaceLimits.environmentMax
        let bytesMax = RequestLimits.nameBytesMax
        guard let texts = reader.texts(names, count: count, bytesMax: bytesMax, at: namesPath) else { return nil }
        for (index, text) in texts.enumerated() where text.utf8.contains(UInt8(ascii: "=")) {
            let message = "`\(text)` is not the name of an environment variable"
            reader.fail(.invalidMember, at: namesPath + [.element(index)], message)
        }
        return texts
    }
}

// MARK: - MCP

extension SurfaceSettingsReader {
    private mutating func mcp(_ value: JSONValue, at path: [JSONStep]) -> [ToolMapping]? {
        guard let object = reader.object(value, at: path) else { return nil }
        for member in object.members where !member.hasName("tools") { reader.failUnknown(member.name, at: path) }
        guard let tools = object["tools"] else {
            reader.failMissing("tools", at: path)
            return nil
        }
        let toolsPath = path + [.member("tools")]
        guard let tools = reader.object(tools, at: toolsPath) else { return nil }
        guard tools.count <= SurfaceLimits.toolsMax else {
            reader.fail(.limit, at: toolsPath, "more than \(SurfaceLimits.toolsMax) tools")
            return nil
        }
        return tools.members.compactMap { tool($0.name, $0.value, at: toolsPath + [.member($0.name)]) }
    }

    private mutating func tool(_ name: Text, _ value: JSONValue, at path: [JSONStep]) -> ToolMapping? {
        let nameMax = RequestLimits.nameBytesMax
        guard Names.isVisible(name, bytesMax: nameMax) else {
            let form = "1 to \(nameMax) bytes without control characters"
            reader.fail(.invalidMember, at: path, "a tool's name must have \(form)")
            return nil
        }
        guard let object = reader.object(value, at: path) else { return nil }
        var action: Text?
        var target: (type: Text, id: ToolMapping.TargetID)?
        var key: [Text] = []
        for member in object.members {
            let memberPath = path + [.member(member.name)]
            switch member.name.string {
            case "action": action = reader.text(member.value, bytesMax: nameMax, at: memberPath)
            case "target": target = self.target(member.value, at: memberPath)
            case "key": key = pointers(member.value, at: memberPath) ?? []
            default: reader.failUnknown(member.name, at: path)
            }
        }
        for required in ["action", "target"] as [Text] where object[required] == nil {
            reader.failMissing(required, at: path)
        }
        guard let action, let target else { return nil }
        return ToolMapping(tool: name, action: action, targetType: target.type, targetID: target.id, key: key)
    }

    private mutating func target(
        _ value: JSONValue,
        at path: [JSONStep]
    ) -> (type: Text, id: ToolMapping.TargetID)? {
        guard let object = reader.object(value, at: path) else { return nil }
        var type: Text?
        var constant: Text?
        var pointer: Text?
        for member in object.members {
            let memberPath = path + [.member(member.name)]
            switch member.name.string {
            case "type": type = reader.text(member.value, bytesMax: RequestLimits.nameBytesMax, at: memberPath)
            case "id": constant = reader.text(member.value, bytesMax: RequestLimits.idBytesMax, at: memberPath)
            case "pointer": pointer = self.pointer(member.value, at: memberPath)
            default: reader.failUnknown(member.name, at: path)
            }
        }
        if object["type"] == nil { reader.failMissing("type", at: path) }
        guard (object["id"] == nil) != (object["pointer"] == nil) else {
            reader.fail(.invalidMember, at: path, "`target` must have either `id` or `pointer`")
            return nil
        }
        guard let type else { return nil }
        if let constant { return (type, .constant(constant)) }
        if let pointer { return (type, .pointer(pointer)) }
        return nil
    }

    private mutating func pointers(_ value: JSONValue, at path: [JSONStep]) -> [Text]? {
        let bytesMax = SurfaceLimits.pointerBytesMax
        let count = SurfaceLimits.keyPointers
        guard let texts = reader.texts(value, count: count, bytesMax: bytesMax, at: path) else { return nil }
        for (index, text) in texts.enumerated() where !Self.isPointer(text) {
            reader.fail(.invalidMember, at: path + [.element(index)], "`\(text)` is not a JSON pointer to a member")
        }
        return texts
    }

    private mutating func pointer(_ value: JSONValue, at path: [JSONStep]) -> Text? {
        guard let text = reader.text(value, bytesMax: SurfaceLimits.pointerBytesMax, at: path) else { return nil }
        guard Self.isPointer(text) else {
            reader.fail(.invalidMember, at: path, "`\(text)` is not a JSON pointer to a member")
            return nil
        }
        return text
    }

    /// Whether a text is a JSON pointer (RFC 6901) to something below the arguments: `/` first, `~` only as `~0` and
    /// `~1`.
    private static func isPointer(_ text: Text) -> Bool {
        guard text.utf8.first == UInt8(ascii: "/") else { return false }
        var isEscape = false
        for byte in text.utf8 {
            if isEscape, byte != UInt8(ascii: "0"), byte != UInt8(ascii: "1") { return false }
            isEscape = byte == UInt8(ascii: "~")
        }
        return !isEscape
    }
}
