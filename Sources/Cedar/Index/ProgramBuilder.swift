import Bytes

/// Compiles policy sets and an entity store to a program.
struct ProgramBuilder {
    let policySets: [PolicySet]
    let entities: Entities
    private(set) var symbols = ProgramSymbols()
    private var code = ProgramCode()
    private var policies: [PolicyRow] = []
    private var parts: [Int32] = []
    private var plans: [PolicyPlan] = []
    private var partitions: [PartitionRow] = []
    private var guards: [GuardRow] = []

    /// The most partitions of policies that share guards; policies with other guards are indexed without.
    ///
    /// Every decision checks the guards of each.
    static let partitionsMax = 16

    static func program(_ policySets: [PolicySet], _ entities: Entities) -> Program {
        var builder = ProgramBuilder(policySets: policySets, entities: entities)
        for set in policySets.indices { builder.compile(set) }
        return builder.link()
    }

    private init(policySets: [PolicySet], entities: Entities) {
        self.policySets = policySets
        self.entities = entities
    }

    /// Compiles the policies of one set; templates take no part.
    private mutating func compile(_ set: Int) {
        let arena = policySets[set].code
        var compiler = ConditionCompiler(arena: arena, set: Int32(set), symbols: symbols, code: code)
        symbols = ProgramSymbols()
        code = ProgramCode()
        var compiled: [(policy: Policy, conjuncts: [Conjunct])] = []
        for (index, policy) in policySets[set].policies.enumerated() where !policy.isTemplate {
            let first = Int32(parts.count)
            parts += compiler.scope(policy.action, .action)
            parts += compiler.scope(policy.principal, .principal)
            parts += compiler.scope(policy.resource, .resource)
            let scopeCount = Int32(parts.count) - first
            let conjuncts = Conjunct.all(of: policy, in: arena)
            for conjunct in conjuncts { parts.append(compiler.code(of: conjunct)) }
            policies.append(
                PolicyRow(
                    firstPart: first,
                    scopeCount: scopeCount,
                    partCount: Int32(parts.count) - first,
                    safeCount: scopeCount,
                    set: Int32(set),
                    policy: Int32(index),
                    isPermit: policy.effect == .permit
                )
            )
            compiled.append((policy, conjuncts))
        }
        let safety = ConditionSafety(arena, compiler.code)
        var keys = ConditionKeys(arena: arena, code: compiler.code, symbols: compiler.symbols)
        code = compiler.code
        for (policy, conjuncts) in compiled { plans.append(PolicyPlan.read(policy, conjuncts, safety, &keys)) }
        symbols = keys.symbols
    }

    /// Distributes the policies among the partitions, and builds their trees.
    private mutating func index() -> TreeBuilder {
        var trial = TreeBuilder()
        _ = trial.build(plans.indices.map { entry($0, isGuarded: false) })
        // Guards cost time in every decision, so they are for policies that cannot be told apart without.
        var groups: [PathDemands: [Int]] = [:]
        for index in plans.indices where plans[index].guards != .none && trial.crowded.contains(Int32(index)) {
            groups[plans[index].guards, default: []].append(index)
        }
        let ranked = groups.sorted { left, right in
            left.value.count == right.value.count
                ? left.value[0] < right.value[0] : left.value.count > right.value.count
        }
        let chosen = ranked.prefix(Self.partitionsMax)
        let isChosen = Set(chosen.flatMap(\.value))
        var tree = TreeBuilder()
        let free = plans.indices.filter { !isChosen.contains($0) }
        let root = tree.build(free.map { entry($0, isGuarded: false) })
        partitions.append(PartitionRow(firstGuard: 0, guardCount: 0, root: root))
        for (demands, members) in chosen {
            let rows = demands.sorted
            for member in members { policies[member].safeCount += Int32(plans[member].safeCount) }
            let root = tree.build(members.map { entry($0, isGuarded: true) })
            partitions.append(
                PartitionRow(firstGuard: Int32(guards.count), guardCount: Int32(rows.count), root: root)
            )
            guards += rows
        }
        return tree
    }

    private func entry(_ index: Int, isGuarded: Bool) -> TreeBuilder.Entry {
        TreeBuilder.Entry(
            policy: Int32(index),
            demands: plans[index].demands(isGuarded: isGuarded),
            bounds: isGuarded ? plans[index].bounds : []
        )
    }

    private consuming func link() -> Program {
        let tree = index()
        let compiler = EntityCompiler(entities, symbols, code, tree.usedKeys)
        symbols = compiler.symbols
        let storage = TableStorage()
        let tables = Program.Tables(
            types: SymbolTable(symbols.types.map { ($0.name, 0) }, in: storage),
            entitySymbols: SymbolTable(
                symbols.uids.indices.map { (symbols.uids[$0].id, symbols.type(of: Int32($0))) },
                in: storage
            ),
            textSymbols: SymbolTable(symbols.texts.map { ($0, 0) }, in: storage),
            policies: storage.table(policies),
            parts: storage.table(parts),
            nodes: storage.table(code.nodes),
            children: storage.table(code.children),
            cells: storage.table(symbols.cells),
            patterns: PatternTable(code.patterns, in: storage),
            paths: storage.table(code.paths),
            pathNames: storage.table(code.pathNames),
            entities: storage.table(compiler.rows),
            ancestors: storage.table(compiler.ancestors),
            groups: storage.table(compiler.groups),
            keys: storage.table(compiler.keys),
            attributes: storage.table(compiler.attributes),
            members: storage.table(symbols.members),
            partitions: storage.table(partitions),
            guards: storage.table(guards),
            tree: storage.table(tree.nodes),
            edges: storage.table(tree.edges),
            treePolicies: storage.table(tree.policies),
            bounds: storage.table(tree.bounds)
        )
        return Program(self, tables, storage)
    }
}
