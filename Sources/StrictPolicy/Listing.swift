// What an actor could be permitted to do at all: for lists of tools.

package import Authorization
package import Bytes
import Cedar

extension PolicyBundle {
    /// Whether some request of this actor for this action could be permitted, as far as scopes tell.
    ///
    /// An over-approximation: it never says no to what could be permitted, and may say yes to what conditions refuse.
    /// Conditions, contexts and targets are not looked at.
    package func couldPermit(actor: EntityName, surface name: Text, action actionName: Text) -> Bool {
        guard let surface = surface(name), let action = surface.action(actionName),
            let type = surface.actorType(actor.type), action.principals.contains(type)
        else { return false }
        let matcher = ScopeMatcher(entities: entities, schema: surface.schema)
        let principal = EntityUID(type: type, id: actor.id)
        var couldPermit = false
        for policy in surface.policySet.policies {
            guard matcher.holds(policy.principal, principal), matcher.holds(policy.action, action.uid) else { continue }
            switch policy.effect {
            case .permit:
                couldPermit = couldPermit || action.resources.contains { matcher.couldHold(policy.resource, $0) }
            case .forbid:
                // It forbids every request of this actor for this action.
                if policy.resource == .any, policy.conditions.isEmpty { return false }
            }
        }
        return couldPermit
    }
}

/// Matches scope constraints outside of an evaluation.
private struct ScopeMatcher {
    let entities: Entities
    let schema: Schema

    /// Whether an entity meets a constraint.
    func holds(_ constraint: ScopeConstraint, _ uid: EntityUID) -> Bool {
        switch constraint {
        case .any: true
        case .equal(.entity(let other)): uid == other
        case .isIn(.entity(let group)): entities.isDescendant(uid, of: group)
        case .isInAny(let groups): groups.contains { entities.isDescendant(uid, of: $0) }
        case .isType(let type): uid.type == type
        case .isTypeIn(let type, .entity(let group)): uid.type == type && entities.isDescendant(uid, of: group)
        case .equal(.slot), .isIn(.slot), .isTypeIn(_, .slot): false
        }
    }

    /// Whether some entity of a type could meet a constraint.
    func couldHold(_ constraint: ScopeConstraint, _ type: EntityType) -> Bool {
        switch constraint {
        case .any: true
        case .equal(.entity(let uid)): uid.type == type
        case .isIn(.entity(let group)): couldDescend(type, from: group.type)
        case .isInAny(let groups): groups.contains { couldDescend(type, from: $0.type) }
        case .isType(let other): type == other
        case .isTypeIn(let other, .entity(let group)): type == other && couldDescend(type, from: group.type)
        case .equal(.slot), .isIn(.slot), .isTypeIn(_, .slot): false
        }
    }

    private func couldDescend(_ type: EntityType, from ancestor: EntityType) -> Bool {
        type == ancestor || schema[type]?.ancestors.contains(ancestor) ?? false
    }
}
