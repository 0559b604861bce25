/// Compiles an entity store to what the policies of a program ask of it.
struct EntityCompiler {
    private(set) var symbols: ProgramSymbols
    private(set) var rows: [EntityRow] = []
    private(set) var attributes: [AttributeRow] = []
    private(set) var ancestors: [Int32] = []
    private(set) var groups: [Int32] = []
    private(set) var keys: [Int64] = []
    private let code: ProgramCode
    /// The entities whose members have to be told: those that code asks about, and those that keys are about.
    private let wanted: Set<Int32>
    private let usedKeys: Set<Int64>

    init(_ entities: Entities, _ symbols: ProgramSymbols, _ code: ProgramCode, _ usedKeys: Set<Int64>) {
        self.symbols = symbols
        self.code = code
        self.usedKeys = usedKeys
        wanted = code.groups.union(usedKeys.compactMap(IndexKey.group))
        self.symbols.reserve(entities: symbols.uids.count + entities.placeCount)
        let numbers = (0..<Int32(entities.placeCount)).map { self.symbols.entity(entities.uid(at: $0)) }
        rows = Array(repeating: EntityRow(), count: self.symbols.uids.count)
        for place in numbers.indices {
            // The same identity may have a place in both layers; the later one counts.
            guard let entity = entities.entity(at: Int32(place)) else { continue }
            let number = Int(numbers[place])
            let cells = fields(entity.attributes)
            rows[number].firstAttribute = Int32(attributes.count)
            rows[number].attributeCount = Int32(cells.count)
            attributes.append(contentsOf: cells)
            let above = entities.ancestorIndexes(Int32(place)).map { numbers[Int($0)] }.sorted()
            if code.usesAncestors {
                rows[number].firstAncestor = Int32(ancestors.count)
                rows[number].ancestorCount = Int32(above.count)
                ancestors.append(contentsOf: above)
            }
            addGroups(above, of: number)
        }
        // Attributes may mention entities that are not in the store.
        let missing = self.symbols.uids.count - rows.count
        rows.append(contentsOf: repeatElement(EntityRow(), count: missing))
        for number in rows.indices {
            if rows[number].groupCount == 0 { addGroups([], of: number) }
            addKeys(of: number)
        }
    }

    /// The fields of a record that policies mention.
    private mutating func fields(_ record: Record) -> [AttributeRow] {
        var rows: [AttributeRow] = []
        for field in record.fields {
            guard let name = symbols.knownName(field.name) else { continue }
            rows.append(AttributeRow(name: name, cell: cell(field.value)))
        }
        return rows
    }

    private mutating func cell(_ value: Value) -> Cell {
        guard case .record(let record) = value else { return symbols.cell(value) }
        let inner = fields(record)
        attributes.append(contentsOf: inner)
        return Cell(tag: .record, count: Int32(inner.count), bits: Int64(attributes.count - inner.count))
    }

    private mutating func addGroups(_ above: [Int32], of number: Int) {
        let own = ([Int32(number)] + above).filter { wanted.contains($0) }.sorted()
        rows[number].firstGroup = Int32(groups.count)
        rows[number].groupCount = Int32(own.count)
        groups.append(contentsOf: own)
    }

    private mutating func addKeys(of number: Int) {
        let row = rows[number]
        var own = groups[Int(row.firstGroup)..<Int(row.firstGroup + row.groupCount)].map(IndexKey.isIn)
        own.append(IndexKey.isEqual(Int32(number)))
        own.append(IndexKey.isType(symbols.type(of: Int32(number))))
        own = own.filter { usedKeys.contains($0) }.sorted()
        rows[number].firstKey = Int32(keys.count)
        rows[number].keyCount = Int32(own.count)
        keys.append(contentsOf: own)
    }
}
