// The bodies of calls other than requests: strict, every member named.

package import Authority
package import Authorization
package import Bytes
package import Receipts

/// The body of `POST /v1/decisions/{id}/redeem`.
package struct RedeemBody: Hashable, Sendable {
    /// The attempt.
    package let attempt: Nonce

    /// Reads the body.
    package init(parsing bytes: [UInt8]) throws(Problem) {
        let reader = try BodyReader(bytes, ["attempt"])
        attempt = try reader.attempt()
    }
}

/// The body of `POST /v1/decisions/{id}/effect`.
package struct EffectBody: Hashable, Sendable {
    /// The attempt.
    package let attempt: Nonce
    /// What came of the action.
    package let effect: ReportedEffect
    /// What it left behind; nil if nothing is said.
    package let result: EffectResult?

    /// Reads the body.
    package init(parsing bytes: [UInt8]) throws(Problem) {
        let reader = try BodyReader(bytes, ["attempt", "effect", "result"])
        attempt = try reader.attempt()
        guard let effect = ReportedEffect(rawValue: try reader.text("effect").string) else {
            throw BodyReader.wrong("effect", "`executed`, `failed` or `not_started`")
        }
        self.effect = effect
        guard let member = reader.value["result"] else {
            result = nil
            return
        }
        let inner = try BodyReader(member, ["digest", "duration_milliseconds", "size_bytes", "status"], "result")
        let result = EffectResult(
            digest: try inner.digest("digest"),
            durationMilliseconds: try inner.count("duration_milliseconds"),
            sizeBytes: try inner.count("size_bytes"),
            status: try inner.integer("status")
        )
        self.result = result.isEmpty ? nil : result
    }
}

/// The body of `POST /v1/agents`.
package struct AgentBody: Hashable, Sendable {
    /// The name.
    package let name: Text
    /// The role.
    package let role: Role
    /// The user of the machine that the identity is; nil if it gets a token.
    package let peer: UInt32?
    /// The actors that an enforcement point may ask for.
    package let actors: NameList
    /// The surfaces that it may ask about.
    package let surfaces: NameList

    /// Reads the body.
    package init(parsing bytes: [UInt8]) throws(Problem) {
        let reader = try BodyReader(bytes, ["name", "role", "peer", "actors", "surfaces"])
        name = try reader.text("name")
        guard let role = Role(rawValue: try reader.text("role").string) else {
            throw BodyReader.wrong("role", "`actor`, `enforcement`, `operator` or `auditor`")
        }
        self.role = role
        peer = try reader.user("peer")
        actors = try reader.names("actors")
        surfaces = try reader.names("surfaces")
    }
}

/// The body of `POST /v1/agents/{name}/rotate`: empty, or with another user of the machine.
package struct RotateBody: Hashable, Sendable {
    /// The user of the machine that the identity is from now on; nil for a new token.
    package let peer: UInt32?

    /// Reads the body.
    package init(parsing bytes: [UInt8]) throws(Problem) {
        peer = bytes.isEmpty ? nil : try BodyReader(bytes, ["peer"]).user("peer")
    }
}

/// The body of a call that takes none: empty, or an empty object.
package enum EmptyBody {
    /// Refuses everything else.
    package static func check(_ bytes: [UInt8]) throws(Problem) {
        if !bytes.isEmpty { _ = try BodyReader(bytes, []) }
    }
}

/// The body of `POST /v1/halts` and `POST /v1/halts/resume`.
package struct HaltBody: Hashable, Sendable {
    /// What is stopped, or no longer.
    package let scope: HaltScope
    /// Why, for people.
    package let reason: Text?

    /// The most bytes of a reason.
    package static let reasonBytesMax = 1_024

    /// Reads the body; a resume has no reason.
    package init(parsing bytes: [UInt8], takesReason: Bool) throws(Problem) {
        let reader = try BodyReader(bytes, takesReason ? ["scope", "reason"] : ["scope"])
        guard let member = reader.value["scope"] else { throw BodyReader.missing("scope") }
        let scope = try BodyReader(member, ["kind", "name"], "scope")
        switch try scope.text("kind") {
        case "all":
            guard member["name"] == nil else {
                throw BodyReader.wrong("scope", "without `name` where it is of kind `all`")
            }
            self.scope = .all
        case "surface": self.scope = .surface(try scope.text("name", bytesMax: RequestLimits.nameBytesMax))
        case "actor":
            let name = try scope.text("name", bytesMax: RequestLimits.idBytesMax)
            self.scope = .actor(EntityName(type: AuthoritySnapshot.agentType, id: name))
        default: throw BodyReader.wrong("scope.kind", "`all`, `surface` or `actor`")
        }
        reason = reader.value["reason"] == nil ? nil : try reader.text("reason", bytesMax: Self.reasonBytesMax)
    }
}

/// Reads an object whose members are all named.
struct BodyReader {
    let value: JSONValue
    private let prefix: String

    /// The bounds of a body.
    static let limits = JSONLimits(bytesMax: 64 << 10, depthMax: 4, nodesMax: 8_000)

    init(_ bytes: [UInt8], _ names: [Text]) throws(Problem) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: bytes, limits: Self.limits)
        } catch {
            throw Problem(.malformedRequest, error.description)
        }
        try self.init(value, names, nil)
    }

    init(_ value: JSONValue, _ names: [Text], _ name: String?) throws(Problem) {
        guard value.kind == .object else {
            throw Problem(
                .malformedRequest,
                name.map { "member `\($0)` must be an object" } ?? "the body is not an object"
            )
        }
        prefix = name.map { "\($0)." } ?? ""
        for member in value.members where !names.contains(member.name) {
            throw Problem(.malformedRequest, "unknown member `\(prefix)\(member.name)`")
        }
        self.value = value
    }

    static func missing(_ name: String) -> Problem { Problem(.malformedRequest, "member `\(name)` is missing") }

    static func wrong(_ name: String, _ expected: String) -> Problem {
        Problem(.malformedRequest, "member `\(name)` must be \(expected)")
    }

    func text(_ name: Text, bytesMax: Int = RequestLimits.nameBytesMax) throws(Problem) -> Text {
        guard let member = value[name] else { throw Self.missing("\(prefix)\(name)") }
        guard let text = member.string, (1...bytesMax).contains(text.byteCount),
            text.string.unicodeScalars.allSatisfy({ $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) })
        else {
            throw Self.wrong("\(prefix)\(name)", "a string of 1 to \(bytesMax) bytes without control characters")
        }
        return text
    }

    func attempt() throws(Problem) -> Nonce {
        guard let nonce = Nonce(base64URL: try text("attempt")) else {
            throw Self.wrong("attempt", "16 bytes as 22 characters of base64url")
        }
        return nonce
    }

    func digest(_ name: Text) throws(Problem) -> Digest? {
        guard value[name] != nil else { return nil }
        let text = try text(name).string
        guard text.hasPrefix("sha256:"), let digest = Digest(hex: String(text.dropFirst(7))) else {
            throw Self.wrong("\(prefix)\(name)", "`sha256:` and 64 hexadecimal digits")
        }
        return digest
    }

    func integer(_ name: Text) throws(Problem) -> Int64? {
        guard let member = value[name] else { return nil }
        guard let integer = member.integer else { throw Self.wrong("\(prefix)\(name)", "an integer") }
        return integer
    }

    func count(_ name: Text) throws(Problem) -> UInt64? {
        guard let integer = try integer(name) else { return nil }
        guard let count = UInt64(exactly: integer) else { throw Self.wrong("\(prefix)\(name)", "an integer from 0") }
        return count
    }

    func user(_ name: Text) throws(Problem) -> UInt32? {
        guard let integer = try integer(name) else { return nil }
        // The last number stands for "no user" in the kernel's interface.
        guard let user = UInt32(exactly: integer), user != .max else {
            throw Self.wrong("\(prefix)\(name)", "the number of a user of this machine")
        }
        return user
    }

    func names(_ name: Text) throws(Problem) -> NameList {
        guard let member = value[name] else { return .none }
        let names = member.elements.map(\.string)
        let known = names.compactMap(\.self)
        guard member.kind == .array, known.count == names.count, let list = NameList(known) else {
            throw Self.wrong("\(prefix)\(name)", "a list of different names, or `*` alone")
        }
        return list
    }
}
