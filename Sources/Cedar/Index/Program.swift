import Bytes

/// Policy sets and an entity store, compiled together: immutable, flat and shared by all threads without locks.
///
/// INVARIANT (program): the program only ever says that a policy is satisfied, is not satisfied, or that it cannot
/// tell; then the plain evaluator tells. So every error that is reported is the plain evaluator's own.
final class Program: Sendable {
    /// The sets as they were given, for the plain evaluator.
    let policySets: [PolicySet]
    /// The store as it was given, for the plain evaluator.
    let entities: Entities
    /// The owner of the memory of all tables.
    let storage: TableStorage
    let tables: Tables
    /// The names of attributes that policies mention, by number.
    let names: [Text]
    /// The texts that have a number.
    let texts: [Text]
    /// The identities that have a number.
    let uids: [EntityUID]
    /// The opaque values of constants and attributes.
    let values: [Value]

    /// What a decision reads: trivial, so that copying it counts no references.
    struct Tables: Sendable {
        let types: SymbolTable
        let entitySymbols: SymbolTable
        let textSymbols: SymbolTable
        let policies: Table<PolicyRow>
        /// The roots of the policies' parts.
        let parts: Table<Int32>
        let nodes: Table<CodeNode>
        let children: Table<Int32>
        let cells: Table<Cell>
        let patterns: PatternTable
        let paths: Table<PathRow>
        let pathNames: Table<Int32>
        let entities: Table<EntityRow>
        /// The ascending ancestors of entities.
        let ancestors: Table<Int32>
        /// The ascending ancestors of entities that policies mention, themselves included.
        let groups: Table<Int32>
        /// The ascending keys by which the index may know an entity.
        let keys: Table<Int64>
        let attributes: Table<AttributeRow>
        /// The ascending members of sets of entities.
        let members: Table<Int32>
        let partitions: Table<PartitionRow>
        let guards: Table<GuardRow>
        let tree: Table<TreeNode>
        let edges: Table<TreeEdge>
        let treePolicies: Table<Int32>
        let bounds: Table<BoundRow>
    }

    init(_ builder: consuming ProgramBuilder, _ tables: Tables, _ storage: TableStorage) {
        policySets = builder.policySets
        entities = builder.entities
        self.storage = storage
        self.tables = tables
        names = builder.symbols.names
        texts = builder.symbols.texts
        uids = builder.symbols.uids
        values = builder.symbols.values
    }
}

/// One policy of a program.
struct PolicyRow: BitwiseCopyable, Sendable {
    /// The first of its parts, which all have to hold: those of the scope, then those of the conditions.
    let firstPart: Int32
    /// How many parts the scope has; none of them can fail.
    let scopeCount: Int32
    let partCount: Int32
    /// How many of the first parts cannot fail while the guards of the policy's partition hold.
    var safeCount: Int32
    let set: Int32
    let policy: Int32
    let isPermit: Bool
}

/// A chain of attributes, from a variable on.
struct PathRow: BitwiseCopyable, Sendable {
    let variable: Variable
    let firstName: Int32
    let nameCount: Int32
}

/// What is known of an entity that has a number.
struct EntityRow: BitwiseCopyable, Sendable {
    var firstAttribute: Int32 = 0
    /// -1 if the entity is not in the store.
    var attributeCount: Int32 = -1
    var firstAncestor: Int32 = 0
    var ancestorCount: Int32 = 0
    var firstGroup: Int32 = 0
    var groupCount: Int32 = 0
    var firstKey: Int32 = 0
    var keyCount: Int32 = 0
}

/// One attribute of an entity, or field of a record in the store.
struct AttributeRow: BitwiseCopyable, Sendable {
    let name: Int32
    let cell: Cell
}

/// Policies that are indexed under the same guards.
struct PartitionRow: BitwiseCopyable, Sendable {
    let firstGuard: Int32
    let guardCount: Int32
    let root: Int32
}

/// What has to be found at a path for an index to hold.
struct GuardRow: BitwiseCopyable, Sendable {
    let path: Int32
    let kinds: CellKinds
}

/// A node of the index.
struct TreeNode: BitwiseCopyable, Sendable {
    /// The raw ``Dimension`` whose keys lead on, or -1.
    var dimension: Int32 = -1
    /// The hash table of edges: the first slot, and the number of slots less one.
    var firstEdge: Int32 = 0
    var edgeMask: Int32 = -1
    /// The node for the policies that ask nothing of the dimension, or -1.
    var rest: Int32 = -1
    /// The policies that can apply to whatever comes here.
    var firstPolicy: Int32 = 0
    var policyCount: Int32 = 0
    /// The path that ``BoundRow``s are about, or -1; while the guards hold it is an integer or missing.
    var boundPath: Int32 = -1
    /// Policies that apply from a limit on, by ascending limit, then those that apply up to one, by descending limit.
    var firstBound: Int32 = 0
    var lowerCount: Int32 = 0
    var upperCount: Int32 = 0
}

/// A policy that only applies from a limit on, or only up to it.
struct BoundRow: BitwiseCopyable, Sendable {
    let limit: Int64
    let policy: Int32
}

/// A slot of a hash table of edges; the child is -1 where nothing is.
struct TreeEdge: BitwiseCopyable, Sendable {
    var key: Int64 = 0
    var child: Int32 = -1
}

/// What a key is about, and the key as a number.
enum IndexKey {
    /// To be that entity.
    static func isEqual(_ entity: Int32) -> Int64 { make(0, entity) }
    /// To be in that entity.
    static func isIn(_ entity: Int32) -> Int64 { make(1, entity) }
    /// To be of that type.
    static func isType(_ type: Int32) -> Int64 { make(2, type) }
    /// To be that text.
    static func isText(_ text: Int32) -> Int64 { make(3, text) }
    /// To be that truth value.
    static func isBool(_ value: Bool) -> Int64 { make(4, value ? 1 : 0) }
    /// To be that integer, if it is small enough for a key.
    static func isLong(_ value: Int64) -> Int64? { Int32(exactly: value).map { make(5, $0) } }

    /// The entity that a key of membership is about.
    static func group(_ key: Int64) -> Int32? { key >> 32 == 1 ? Int32(truncatingIfNeeded: key) : nil }

    private static func make(_ kind: Int64, _ number: Int32) -> Int64 {
        kind << 32 | Int64(UInt32(bitPattern: number))
    }

    /// A number for the place of a key in a hash table of edges.
    @inline(__always)
    static func hash(_ key: Int64) -> Int {
        let product = UInt64(bitPattern: key) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: product >> 32)
    }
}

/// What the keys of a node of the index are asked of.
struct Dimension: Hashable, Sendable {
    /// 0, 1 and 2 are principal, action and resource; a path has its number plus 3.
    let subject: Int32
    /// Whether the keys are types.
    let isType: Bool
    /// Whether the keys are only valid while the guards of the partition hold.
    let isGuarded: Bool

    static let firstPath: Int32 = 3

    var raw: Int32 { subject << 2 | (isType ? 2 : 0) | (isGuarded ? 1 : 0) }
}
