// Identities and halts.

import Authority
import Authorization
import Bytes
import Cryptography
import DecisionPoint
import HTTP
import Runtime

extension GateHandler {
    // MARK: Identities

    func listAgents(_ ticket: Ticket) {
        let authority = pipeline.authority
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("agents")
        writer.beginArray()
        for identity in authority.activeIdentities {
            writer.beginObject()
            writer.member("name", identity.name)
            writer.member("role", Text(identity.role.rawValue))
            switch identity.credential {
            case .token: writer.member("credential", "token")
            case .peer(let user):
                writer.member("credential", "peer")
                writer.member("peer", user)
            }
            if !identity.actors.isEmpty { writer.member("actors", names: identity.actors.names) }
            if !identity.surfaces.isEmpty { writer.member("surfaces", names: identity.surfaces.names) }
            writer.endObject()
        }
        writer.endArray()
        writer.member("retired", names: authority.retiredNames)
        writer.endObject()
        send(.ok, "application/json", writer.bytes, ticket)
    }

    func addAgent(_ body: [UInt8], _ caller: Caller, _ ticket: Ticket) throws(Problem) {
        let agent = try AgentBody(parsing: body)
        let made = try credential(agent.peer)
        let identity = Identity(
            name: agent.name,
            role: agent.role,
            credential: made.credential,
            actors: agent.actors,
            surfaces: agent.surfaces
        )
        let said = Self.said(name: agent.name, role: agent.role, made, warning: warnings.identity(identity))
        pipeline.change(identity: .added(identity), caller: caller) { [self] in
            deliver(.authority($0, said: said), ticket)
        }
    }

    func rotateAgent(_ name: Text, _ body: [UInt8], _ caller: Caller, _ ticket: Ticket) throws(Problem) {
        let made = try credential(try RotateBody(parsing: body).peer)
        let said = Self.said(name: name, role: nil, made)
        pipeline.change(identity: .rotated(name: name, credential: made.credential), caller: caller) { [self] in
            deliver(.authority($0, said: said), ticket)
        }
    }

    func retireAgent(_ name: Text, _ body: [UInt8], _ caller: Caller, _ ticket: Ticket) throws(Problem) {
        try EmptyBody.check(body)
        var writer = JSONWriter()
        writer.member("name", name)
        writer.member("retired", true)
        let said = writer.bytes
        pipeline.change(identity: .retired(name: name), caller: caller) { [self] in
            deliver(.authority($0, said: said), ticket)
        }
    }

    private var warnings: NameWarnings { NameWarnings(pipeline.authority, pipeline.bundle) }

    /// A credential, with the token that is shown once if it is one.
    private struct MadeCredential {
        let credential: Credential
        let token: Text?
    }

    private func credential(_ peer: UInt32?) throws(Problem) -> MadeCredential {
        if let peer {
            guard !parts.operators.contains(peer) else {
                throw Problem(.refused, "the user \(peer) operates the gate; one user has one role")
            }
            return MadeCredential(credential: .peer(userID: peer), token: nil)
        }
        guard let random = try? RandomSource.bytes(BearerToken.randomByteCount),
            let token = BearerToken.text(random: random), let digest = BearerToken.digest(of: token)
        else { throw .unavailable(.internalError, "the machine gives no random bytes") }
        return MadeCredential(credential: .token(sha256: digest), token: token)
    }

    private static func said(name: Text, role: Role?, _ made: MadeCredential, warning: Text? = nil) -> [UInt8] {
        var writer = JSONWriter()
        writer.member("name", name)
        if let role { writer.member("role", Text(role.rawValue)) }
        if let token = made.token { writer.member("token", token) }
        if case .peer(let user) = made.credential { writer.member("peer", user) }
        if let warning { writer.member("warning", warning) }
        return writer.bytes
    }

    // MARK: Halts

    func listHalts(_ ticket: Ticket) {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("halts")
        writer.beginArray()
        for scope in pipeline.authority.haltsInForce { scope.write(to: &writer) }
        writer.endArray()
        writer.endObject()
        send(.ok, "application/json", writer.bytes, ticket)
    }

    func halt(_ body: [UInt8], _ caller: Caller, _ ticket: Ticket) throws(Problem) {
        let halt = try HaltBody(parsing: body, takesReason: true)
        let said = Self.said(halt.scope, isHalted: true, warning: warnings.halt(halt.scope))
        pipeline.halt(halt.scope, reason: halt.reason, caller: caller) { [self] in
            deliver(.authority($0, said: said), ticket)
        }
    }

    func resume(_ body: [UInt8], _ caller: Caller, _ ticket: Ticket) throws(Problem) {
        let halt = try HaltBody(parsing: body, takesReason: false)
        let said = Self.said(halt.scope, isHalted: false)
        pipeline.resume(halt.scope, caller: caller) { [self] in deliver(.authority($0, said: said), ticket) }
    }

    private static func said(_ scope: HaltScope, isHalted: Bool, warning: Text? = nil) -> [UInt8] {
        var writer = JSONWriter()
        writer.name("scope")
        scope.write(to: &writer)
        writer.member("halted", isHalted)
        if let warning { writer.member("warning", warning) }
        return writer.bytes
    }
}

extension HaltScope {
    /// Writes the scope in the form of the API.
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        switch self {
        case .all: writer.member("kind", "all")
        case .surface(let name):
            writer.member("kind", "surface")
            writer.member("name", name)
        case .actor(let name):
            writer.member("kind", "actor")
            writer.member("name", name.id)
        }
        writer.endObject()
    }
}

extension JSONWriter {
    /// Writes a member with a list of names.
    mutating func member(_ name: Text, names: [Text]) {
        self.name(name)
        beginArray()
        for text in names { string(text) }
        endArray()
    }
}
