public import Bytes

extension PolicySet {
    /// The templates, in their order.
    public var templates: [Policy] { policies.filter(\.isTemplate) }

    /// This set with policies linked to its templates, behind the policies that it has.
    ///
    /// A linked policy is its template with the slots of the scope filled; it shares the template's conditions, which
    /// cannot hold slots, and its annotations. A policy that is linked by one link cannot be the template of another.
    /// The set is compiled once, however many links there are.
    ///
    /// - Throws: ``PolicySetError`` for the first link that cannot be made; then there is no new set.
    public func linking(_ links: [TemplateLink]) throws(PolicySetError) -> PolicySet {
        var changed = parts
        guard links.count <= SourceLimits.declarationsMax - changed.policies.count else { throw .tooManyPolicies }
        var ids: Set<Text> = []
        for link in links {
            guard index(of: link.id) == nil, ids.insert(link.id).inserted else { throw .duplicateID(link.id) }
            changed.policies.append(try linked(link))
        }
        return PolicySet(changed)
    }

    /// Links one policy to a template of this set.
    ///
    /// This compiles the whole set: for many links, use ``linking(_:)``.
    ///
    /// - Parameters:
    ///   - template: The identifier of the template.
    ///   - id: The identifier of the new policy.
    ///   - slots: What each slot of the template is filled with: all of them, and no others.
    /// - Throws: ``PolicySetError``; then this set is unchanged.
    public mutating func link(template: Text, id: Text, slots: [Slot: EntityUID]) throws(PolicySetError) {
        self = try linking([TemplateLink(id: id, template: template, slots: slots)])
    }

    private func linked(_ link: TemplateLink) throws(PolicySetError) -> Policy {
        guard let template = self[link.template] else { throw .unknownTemplate(link.template) }
        let slots = template.slots
        guard !slots.isEmpty else { throw .notATemplate(link.template) }
        for slot in slots where link.slots[slot] == nil { throw .missingSlot(slot, template: link.template) }
        for slot in Slot.allCases where link.slots[slot] != nil && !slots.contains(slot) {
            throw .superfluousSlot(slot, template: link.template)
        }
        return Policy(link, of: template)
    }
}
