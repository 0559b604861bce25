// Reading a request from JSON: strict, every member named.

package import Bytes

extension Request {
    /// Reads a request from the bytes of an HTTP body or a file.
    ///
    /// - Throws: ``RequestError``; the caller answers 400 and counts it.
    package init(parsing body: [UInt8]) throws(RequestError) {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: body, limits: .request)
        } catch {
            throw .json(error)
        }
        try self.init(value)
    }

    /// Reads a request from JSON that passed the strict reader with the limits of a request.
    package init(_ value: JSONValue) throws(RequestError) {
        guard value.kind == .object else { throw .notAnObject }
        var members = RequestMembers()
        for member in value.members {
            try members.take(member)
        }
        guard let actor = members.actor else { throw .missingMember("actor") }
        guard let surface = members.surface else { throw .missingMember("surface") }
        guard let action = members.action else { throw .missingMember("action") }
        guard let target = members.target else { throw .missingMember("target") }
        guard let context = members.context else { throw .missingMember("context") }
        self.init(
            actor: actor,
            surface: surface,
            action: action,
            target: target,
            context: context,
            session: members.session,
            idempotencyKey: members.idempotencyKey,
            attempt: members.attempt,
            canonical: try Self.canonical(actor, surface, action, target, context)
        )
    }

    /// The RFC 8785 form of the five members that make two requests the same.
    private static func canonical(
        _ actor: EntityName,
        _ surface: Text,
        _ action: Text,
        _ target: EntityName,
        _ context: JSONValue
    ) throws(RequestError) -> [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.beginObject()
        writer.member("action", action)
        writer.name("actor")
        write(actor, to: &writer)
        writer.name("context")
        try writeContext(context, to: &writer)
        writer.member("surface", surface)
        writer.name("target")
        write(target, to: &writer)
        writer.endObject()
        return writer.bytes
    }

    private static func write(_ name: EntityName, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("id", name.id)
        writer.member("type", name.type)
        writer.endObject()
    }

    /// Writes a part of the context; recursion is bounded by the reader's depth limit.
    private static func writeContext(_ value: JSONValue, to writer: inout JSONWriter) throws(RequestError) {
        switch value.kind {
        case .null: writer.null()
        case .true: writer.boolean(true)
        case .false: writer.boolean(false)
        case .integer: writer.raw(value.content)
        case .fraction:
            writer.beginObject()
            writer.name("$decimal")
            writer.string(utf8: value.content)
            writer.endObject()
        case .string: writer.string(utf8: value.content)
        case .array:
            writer.beginArray()
            for element in value.elements { try writeContext(element, to: &writer) }
            writer.endArray()
        case .object:
            writer.beginObject()
            for member in value.sortedMembers {
                guard member.nameBytes.first != UInt8(ascii: "$") else { throw .reservedName(member.name) }
                writer.name(utf8: member.nameBytes)
                try writeContext(member.value, to: &writer)
            }
            writer.endObject()
        }
    }
}

extension RequestError {
    /// The same error about a member of the member at a path.
    fileprivate func below(_ path: Text) -> RequestError {
        switch self {
        case .unknownMember(let name): .unknownMember(Text("\(path).\(name)"))
        case .invalidMember(let name, let expected): .invalidMember(Text("\(path).\(name)"), expected: expected)
        case .json, .notAnObject, .unsupportedMember, .missingMember, .reservedContext, .reservedName: self
        }
    }
}

/// The members of a request as they are found.
private struct RequestMembers {
    var actor: EntityName?
    var surface: Text?
    var action: Text?
    var target: EntityName?
    var context: JSONValue?
    var session: Text?
    var idempotencyKey: Text?
    var attempt: Nonce?

    mutating func take(_ member: JSONMember) throws(RequestError) {
        // Names are made for errors alone.
        if member.isNamed("actor") {
            actor = try Self.entity(member.value, "actor")
        } else if member.isNamed("surface") {
            surface = try Self.name(member.value, "surface")
        } else if member.isNamed("action") {
            action = try Self.name(member.value, "action")
        } else if member.isNamed("target") {
            target = try Self.entity(member.value, "target")
        } else if member.isNamed("context") {
            context = try Self.context(member.value)
        } else if member.isNamed("session") {
            session = try Self.name(member.value, "session")
        } else if member.isNamed("idempotency_key") {
            idempotencyKey = try Self.name(member.value, "idempotency_key")
        } else if member.isNamed("redeem") {
            attempt = try Self.attempt(member.value)
        } else if member.isNamed("token") || member.isNamed("hold") {
            throw .unsupportedMember(member.name)
        } else {
            throw .unknownMember(member.name)
        }
    }

    private static func name(_ value: JSONValue, _ path: Text) throws(RequestError) -> Text {
        try text(value, path, bytesMax: RequestLimits.nameBytesMax)
    }

    private static func text(_ value: JSONValue, _ path: Text, bytesMax: Int) throws(RequestError) -> Text {
        guard let text = value.name(bytesMax: bytesMax) else {
            throw .invalidMember(path, expected: "a string of 1 to \(bytesMax) bytes without control characters")
        }
        return text
    }

    private static func entity(_ value: JSONValue, _ path: Text) throws(RequestError) -> EntityName {
        guard value.kind == .object else { throw .invalidMember(path, expected: "an object with `type` and `id`") }
        var type: Text?
        var id: Text?
        for member in value.members {
            // Paths are for errors: they are made of their pieces when there is one.
            do throws(RequestError) {
                if member.isNamed("type") {
                    type = try name(member.value, "type")
                } else if member.isNamed("id") {
                    id = try text(member.value, "id", bytesMax: RequestLimits.idBytesMax)
                } else {
                    throw .unknownMember(member.name)
                }
            } catch {
                throw error.below(path)
            }
        }
        guard let type else { throw .missingMember(Text("\(path).type")) }
        guard let id else { throw .missingMember(Text("\(path).id")) }
        return EntityName(type: type, id: id)
    }

    private static func context(_ value: JSONValue) throws(RequestError) -> JSONValue {
        guard value.kind == .object else { throw .invalidMember("context", expected: "an object") }
        guard value["writ"] == nil else { throw .reservedContext }
        return value
    }

    private static func attempt(_ value: JSONValue) throws(RequestError) -> Nonce {
        guard value.kind == .object else { throw .invalidMember("redeem", expected: "an object with `attempt`") }
        var attempt: Nonce?
        for member in value.members {
            guard member.isNamed("attempt") else { throw .unknownMember(Text("redeem.\(member.name)")) }
            guard let text = member.value.string, let nonce = Nonce(base64URL: text) else {
                throw .invalidMember("redeem.attempt", expected: "16 bytes as 22 characters of base64url")
            }
            attempt = nonce
        }
        guard let attempt else { throw .missingMember("redeem.attempt") }
        return attempt
    }
}
