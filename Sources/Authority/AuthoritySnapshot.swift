// What the pipeline asks of the authority.

package import Authorization
package import Bytes

/// One immutable state of identities and halts; passing it on costs one reference count.
package final class AuthoritySnapshot: Sendable {
    /// The type of every actor that identities name.
    package static let agentType: Text = "Agent"

    /// The number of the state: two snapshots of one gate with equal epochs are equal.
    package let epoch: UInt64
    private let identities: Identities
    private let halts: Set<HaltScope>
    private let ownUserID: UInt32
    private let isAllHalted: Bool

    init(epoch: UInt64, identities: Identities, halts: Set<HaltScope>, ownUserID: UInt32) {
        self.epoch = epoch
        self.identities = identities
        self.halts = halts
        self.ownUserID = ownUserID
        isAllHalted = halts.contains(.all)
    }

    /// Who this bearer token proves the caller to be.
    ///
    /// - Parameter tokenHash: From ``BearerToken/digest(of:)``.
    /// - Returns: nil for unknown, rotated and retired ones.
    package func caller(tokenHash: Digest) -> Caller? {
        guard let identity = identities.identity(token: tokenHash) else { return nil }
        return Caller(name: identity.name, role: identity.role, connection: Text("token:\(identity.name)"))
    }

    /// Who the user at the other end of the Unix socket is; nil for unknown and retired ones, and never the gate's
    /// own user as an actor.
    package func caller(peerUID: UInt32) -> Caller? {
        guard let identity = identities.identity(peer: peerUID) else { return nil }
        guard identity.role != .actor || peerUID != ownUserID else { return nil }
        return Caller(name: identity.name, role: identity.role, connection: Text("peer:\(identity.name)"))
    }

    /// Whether the caller may ask for the request's actor, and whether that actor may act.
    ///
    /// An actor is known if an active identity of role actor has its id, and its type is `Agent`. A caller that has
    /// been retired since it was authenticated may ask for nobody.
    package func actorFact(_ caller: Caller, _ request: Request) -> ActorFact {
        guard let asking = identities.active(caller.name), asking.role == caller.role else { return .mismatch }
        let actor = request.actor
        switch asking.role {
        case .actor:
            guard actor.type == Self.agentType, actor.id == asking.name else { return .mismatch }
        case .enforcement:
            guard asking.actors.contains(actor.id), asking.surfaces.contains(request.surface) else { return .mismatch }
        case .operator, .auditor:
            return .mismatch
        }
        return isActive(actor) ? .active : .disabled
    }

    /// Whether an enforcement point may redeem a PERMIT of this actor on this surface, as its lists and both
    /// identities stand now.
    ///
    /// `mismatch` if the redeemer is no active enforcement point or lists neither; `disabled` if the actor has been
    /// retired since.
    package func redeemerFact(by name: Text, surface: Text, actor: EntityName) -> ActorFact {
        guard let redeemer = identities.active(name), redeemer.role == .enforcement, redeemer.actors.contains(actor.id),
            redeemer.surfaces.contains(surface)
        else { return .mismatch }
        return isActive(actor) ? .active : .disabled
    }

    private func isActive(_ actor: EntityName) -> Bool {
        guard actor.type == Self.agentType, let known = identities.active(actor.id) else { return false }
        return known.role == .actor
    }

    /// Whether a halt stops this request: of the gate, its surface, its actor, or the caller that asks.
    package func isHalted(_ request: Request, _ caller: Caller) -> Bool {
        isHalted(surface: request.surface, actor: request.actor, callerName: caller.name)
    }

    /// Whether a halt stops an action on a surface for an actor that this caller asks for or redeems.
    package func isHalted(surface: Text, actor: EntityName, callerName: Text) -> Bool {
        guard !halts.isEmpty else { return false }
        return isAllHalted || halts.contains(.surface(surface)) || halts.contains(.actor(actor))
            || halts.contains(.actor(EntityName(type: Self.agentType, id: callerName)))
    }

    /// The active identity of that name.
    package func identity(_ name: Text) -> Identity? { identities.active(name) }

    /// All active identities, ascending by name.
    package var activeIdentities: [Identity] { identities.active }

    /// The names that were used and retired, ascending.
    package var retiredNames: [Text] { identities.retiredNames }

    /// The halts in force: the gate first, then surfaces, then actors, each ascending by bytes.
    package var haltsInForce: [HaltScope] { halts.sorted { Self.order($0).lexicographicallyPrecedes(Self.order($1)) } }

    private static func order(_ scope: HaltScope) -> [Text] {
        switch scope {
        case .all: ["0"]
        case .surface(let name): ["1", name]
        case .actor(let name): ["2", name.type, name.id]
        }
    }
}
