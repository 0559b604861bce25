// The statements of what changes the authority: halts, resumes, identities.

package import Authorization
package import Bytes
internal import Cryptography

/// What a halt stops.
package enum HaltedScope: Hashable, Sendable {
    /// Everything.
    case all
    /// One surface.
    case surface(Text)
    /// One actor.
    case actor(EntityName)

    init(_ reader: StatementReader) throws(StatementError) {
        switch try reader.text("kind").string {
        case "all": self = .all
        case "surface": self = .surface(try reader.text("name"))
        case "actor": self = .actor(EntityName(type: try reader.text("type"), id: try reader.text("id")))
        default: throw reader.invalid("kind")
        }
    }

    /// The RFC 8785 form of the scope.
    package var encoded: [UInt8] {
        var writer = StatementWriter(capacity: 128)
        switch self {
        case .all: writer.raw("{\"kind\":\"all\"}")
        case .surface(let name):
            writer.raw("{\"kind\":\"surface\",\"name\":")
            writer.text(name)
            writer.raw("}")
        case .actor(let name):
            writer.raw("{\"id\":")
            writer.text(name.id)
            writer.raw(",\"kind\":\"actor\",\"type\":")
            writer.text(name.type)
            writer.raw("}")
        }
        return writer.bytes
    }

    /// The digest of the form: the subject of a halt's and a resume's statement.
    package var digest: Digest { SHA256.digest(of: encoded) }
}

/// An immediate stop.
package struct HaltStatement: Hashable, Sendable {
    /// The common members.
    package let header: StatementHeader
    /// The connection of the operator.
    package let by: Text
    /// What is stopped.
    package let scope: HaltedScope
    /// The digest of the note with the operator's words, if any were given.
    package let reason: Digest?

    /// Makes a statement.
    package init(header: StatementHeader, by: Text, scope: HaltedScope, reason: Digest?) {
        self.header = header
        self.by = by
        self.scope = scope
        self.reason = reason
    }

    init(_ predicate: StatementReader) throws(StatementError) {
        header = try StatementHeader(predicate)
        by = try predicate.text("by")
        scope = try HaltedScope(predicate.object("scope"))
        reason = try predicate.optionalDigest("reason")
    }

    /// The statement's bytes.
    ///
    /// - Throws: ``StatementError/tooLong(bytesMax:)``.
    package func encode() throws(StatementError) -> [UInt8] {
        var writer = StatementWriter(capacity: 1_024)
        writer.beginStatement()
        writer.raw("\"by\":")
        writer.text(by)
        writer.header(header)
        if let reason {
            writer.raw(",\"reason\":")
            writer.digest(reason)
        }
        let scope = scope.encoded
        writer.raw(",\"scope\":")
        writer.raw(scope)
        writer.raw(",\"time\":")
        writer.time(header.time)
        writer.endStatement("halt", subject: "scope", SHA256.digest(of: scope))
        return try writer.finished()
    }
}

/// The end of every halt of exactly one scope.
package struct ResumeStatement: Hashable, Sendable {
    /// The common members.
    package let header: StatementHeader
    /// The connection of the operator.
    package let by: Text
    /// The scope whose halts end.
    package let scope: HaltedScope

    /// Makes a statement.
    package init(header: StatementHeader, by: Text, scope: HaltedScope) {
        self.header = header
        self.by = by
        self.scope = scope
    }

    init(_ predicate: StatementReader) throws(StatementError) {
        header = try StatementHeader(predicate)
        by = try predicate.text("by")
        scope = try HaltedScope(predicate.object("scope"))
    }

    /// The statement's bytes.
    ///
    /// - Throws: ``StatementError/tooLong(bytesMax:)``.
    package func encode() throws(StatementError) -> [UInt8] {
        var writer = StatementWriter(capacity: 1_024)
        writer.beginStatement()
        writer.raw("\"by\":")
        writer.text(by)
        writer.header(header)
        let scope = scope.encoded
        writer.raw(",\"scope\":")
        writer.raw(scope)
        writer.raw(",\"time\":")
        writer.time(header.time)
        writer.endStatement("resume", subject: "scope", SHA256.digest(of: scope))
        return try writer.finished()
    }
}

/// How an identity proves itself, as a statement says it.
package enum RecordedCredential: Hashable, Sendable {
    /// A bearer token, by the SHA-256 of its text.
    case token(sha256: Digest)
    /// A user of the gate's machine.
    case peer(userID: UInt32)

    init(_ reader: StatementReader) throws(StatementError) {
        switch try reader.text("kind").string {
        case "token": self = .token(sha256: try reader.hex("sha256"))
        case "peer":
            guard let userID = UInt32(exactly: try reader.integer("uid")) else { throw reader.invalid("uid") }
            self = .peer(userID: userID)
        default: throw reader.invalid("kind")
        }
    }
}

/// An identity as a statement says it.
package struct RecordedIdentity: Hashable, Sendable {
    /// Its name, never used for another.
    package let name: Text
    /// Its one role.
    package let role: Role
    /// How it proves itself; nil where the statement does not set it.
    package let credential: RecordedCredential?
    /// The actors that an enforcement point may ask for, in ascending order, `*` alone for all; left out when empty.
    package let actors: [Text]
    /// The surfaces that an enforcement point may ask about, likewise.
    package let surfaces: [Text]

    /// Records an identity; the lists are put in ascending order.
    package init(
        name: Text,
        role: Role,
        credential: RecordedCredential?,
        actors: [Text] = [],
        surfaces: [Text] = []
    ) {
        self.name = name
        self.role = role
        self.credential = credential
        self.actors = Set(actors).sorted()
        self.surfaces = Set(surfaces).sorted()
    }

    init(_ reader: StatementReader) throws(StatementError) {
        guard let role = Role(rawValue: try reader.text("role").string) else { throw reader.invalid("role") }
        var credential: RecordedCredential?
        if let object = try reader.optionalObject("credential") { credential = try RecordedCredential(object) }
        self.init(
            name: try reader.text("name"),
            role: role,
            credential: credential,
            actors: reader.has("actors") ? try reader.ascendingTexts("actors") : [],
            surfaces: reader.has("surfaces") ? try reader.ascendingTexts("surfaces") : []
        )
    }

    func write(to writer: inout StatementWriter) {
        writer.raw("{")
        if !actors.isEmpty {
            writer.raw("\"actors\":")
            writer.texts(actors)
            writer.raw(",")
        }
        switch credential {
        case .token(let sha256):
            writer.raw("\"credential\":{\"kind\":\"token\",\"sha256\":\"")
            writer.hex(sha256)
            writer.raw("\"},")
        case .peer(let userID):
            writer.raw("\"credential\":{\"kind\":\"peer\",\"uid\":")
            writer.integer(UInt64(userID))
            writer.raw("},")
        case nil: break
        }
        writer.raw("\"name\":")
        writer.text(name)
        writer.raw(",\"role\":")
        writer.word(role.rawValue)
        if !surfaces.isEmpty {
            writer.raw(",\"surfaces\":")
            writer.texts(surfaces)
        }
        writer.raw("}")
    }
}

/// A change of the identities.
package struct IdentityStatement: Hashable, Sendable {
    /// What happened to the identity.
    package enum Change: String, CaseIterable, Sendable {
        /// It is new.
        case added
        /// It has another credential; the old one ended.
        case rotated
        /// It ended for ever.
        case retired
    }

    /// The common members.
    package let header: StatementHeader
    /// The connection of the operator.
    package let by: Text
    /// What happened.
    package let change: Change
    /// The identity after it.
    package let identity: RecordedIdentity

    /// Makes a statement.
    ///
    /// - Throws: ``StatementError/invalid(_:)`` unless exactly the changes that set a credential have one.
    package init(
        header: StatementHeader,
        by: Text,
        change: Change,
        identity: RecordedIdentity
    ) throws(StatementError) {
        switch change {
        case .added, .rotated: guard identity.credential != nil else { throw .invalid("identity.credential") }
        case .retired: guard identity.credential == nil else { throw .invalid("identity.credential") }
        }
        self.header = header
        self.by = by
        self.change = change
        self.identity = identity
    }

    init(_ predicate: StatementReader) throws(StatementError) {
        guard let change = Change(rawValue: try predicate.text("change").string) else {
            throw predicate.invalid("change")
        }
        try self.init(
            header: StatementHeader(predicate),
            by: predicate.text("by"),
            change: change,
            identity: RecordedIdentity(predicate.object("identity"))
        )
    }

    /// The statement's bytes.
    ///
    /// - Throws: ``StatementError/tooLong(bytesMax:)``.
    package func encode() throws(StatementError) -> [UInt8] {
        var writer = StatementWriter(capacity: 1_024)
        writer.beginStatement()
        writer.raw("\"by\":")
        writer.text(by)
        writer.raw(",\"change\":")
        writer.word(change.rawValue)
        writer.raw(",\"id\":")
        writer.identifier(header.id)
        writer.raw(",\"identity\":")
        identity.write(to: &writer)
        writer.raw(",\"origin\":")
        writer.text(header.origin)
        writer.raw(",\"time\":")
        writer.time(header.time)
        writer.endStatement("identity", subject: "identity", SHA256.digest(of: identity.name))
        return try writer.finished()
    }
}
