import Bytes

/// Entities of one request over the store of a program.
struct ProgramExtras {
    /// What the index has to know of one of them; the numbers are the program's.
    struct Row {
        let uid: EntityUID
        let attributes: Record
        /// Ascending: itself and its ancestors, as far as they have a number.
        let groups: [Int32]
        /// Ascending.
        let keys: [Int64]
    }

    /// The program's store with these entities.
    let entities: Entities
    let rows: [Row]

    init(_ added: [Entity], _ entities: Entities, _ tables: Program.Tables) {
        self.entities = entities
        rows = added.map { entity in
            let subject = ProgramRun.subject(entity.uid, tables)
            let above = entities.ancestors(of: entity.uid).map { ProgramRun.subject($0, tables).entity }
            let groups = ([subject.entity] + above).filter { $0 >= 0 }.sorted()
            var keys = groups.map(IndexKey.isIn)
            if subject.entity >= 0 { keys.append(IndexKey.isEqual(subject.entity)) }
            if subject.type >= 0 { keys.append(IndexKey.isType(subject.type)) }
            return Row(uid: entity.uid, attributes: entity.attributes, groups: groups, keys: keys.sorted())
        }
    }

    /// The place of an entity, or -1.
    func place(of uid: EntityUID) -> Int32 { Int32(rows.firstIndex { $0.uid == uid } ?? -1) }
}
