/// The limits of partial evaluation, besides those of texts and entities.
public enum PartialLimits {
    /// The most nodes of all residual expressions of one evaluation together, in which the values of entities and
    /// context count as much as they hold.
    public static let residualNodesMax = 500_000
    /// The most times that entities are loaded for one decision, whatever the caller allows.
    public static let iterationsMax = 256
    /// The most entities that are loaded for one decision.
    public static let loadedEntitiesMax = 10_000
}
