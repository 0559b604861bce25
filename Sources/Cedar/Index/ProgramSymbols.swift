import Bytes

/// Gives numbers to what policies and entities mention while a program is built.
struct ProgramSymbols {
    private(set) var uids: [EntityUID] = []
    private(set) var types: [EntityType] = []
    private(set) var texts: [Text] = []
    private(set) var names: [Text] = []
    private(set) var values: [Value] = []
    private(set) var cells: [Cell] = []
    private(set) var members: [Int32] = []
    private var uidNumbers: [EntityUID: Int32] = [:]
    private var typeNumbers: [EntityType: Int32] = [:]
    private var textNumbers: [Text: Int32] = [:]
    private var nameNumbers: [Text: Int32] = [:]

    mutating func reserve(entities: Int) {
        uids.reserveCapacity(entities)
        uidNumbers.reserveCapacity(entities)
    }

    mutating func entity(_ uid: EntityUID) -> Int32 {
        if let number = uidNumbers[uid] { return number }
        let number = Int32(uids.count)
        uids.append(uid)
        uidNumbers[uid] = number
        _ = type(uid.type)
        return number
    }

    mutating func type(_ type: EntityType) -> Int32 {
        if let number = typeNumbers[type] { return number }
        let number = Int32(types.count)
        types.append(type)
        typeNumbers[type] = number
        return number
    }

    /// The type of an entity that has a number.
    func type(of entity: Int32) -> Int32 { typeNumbers[uids[Int(entity)].type] ?? -1 }

    mutating func text(_ text: Text) -> Int32 {
        if let number = textNumbers[text] { return number }
        let number = Int32(texts.count)
        texts.append(text)
        textNumbers[text] = number
        return number
    }

    mutating func name(_ name: Text) -> Int32 {
        if let number = nameNumbers[name] { return number }
        let number = Int32(names.count)
        names.append(name)
        nameNumbers[name] = number
        return number
    }

    /// The number of a name that policies mention.
    func knownName(_ name: Text) -> Int32? { nameNumbers[name] }

    /// A value as a cell.
    ///
    /// Records are opaque: those of the store are taken apart before they come here.
    mutating func cell(_ value: Value) -> Cell {
        if let cell = Cell(scalar: value) { return cell }
        switch value {
        case .string(let text): return Cell(tag: .string, bits: Int64(self.text(text)))
        case .entity(let uid): return .entity(entity(uid))
        case .set(let set):
            let numbers = set.elements.compactMap { member -> Int32? in
                guard case .entity(let uid) = member else { return nil }
                return entity(uid)
            }
            guard numbers.count == set.elements.count else { return opaque(value) }
            members.append(contentsOf: numbers.sorted())
            return Cell(tag: .entitySet, count: Int32(numbers.count), bits: Int64(members.count - numbers.count))
        case .record, .ipaddr, .bool, .long, .decimal, .datetime, .duration: return opaque(value)
        }
    }

    /// The place of a constant.
    mutating func constant(_ value: Value) -> Int32 {
        cells.append(cell(value))
        return Int32(cells.count - 1)
    }

    private mutating func opaque(_ value: Value) -> Cell {
        values.append(value)
        return Cell(opaque: value, at: values.count - 1)
    }
}
