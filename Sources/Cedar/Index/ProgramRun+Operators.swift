import Bytes

extension ProgramRun {
    /// Whether the entity of a variable is in one that policies mention.
    @inline(__always)
    func isInGroup(_ variable: Int32, _ group: Int32) -> Bool {
        if let extra = extra(variable) { return extra.groups.contains(group) }
        let entity = subject(variable).entity
        guard entity >= 0 else { return false }
        let row = tables.entities[entity]
        if row.groupCount > Self.linearMax { return contains(tables.groups, row.firstGroup, row.groupCount, group) }
        for place in row.firstGroup..<row.firstGroup + row.groupCount where tables.groups[place] == group {
            return true
        }
        return false
    }

    func variableInAny(_ node: CodeNode) -> Truth {
        for place in node.b..<node.b + node.c where isInGroup(node.a, tables.children[place]) { return .yes }
        return .no
    }

    @inline(__always)
    mutating func comparePath(_ node: CodeNode) -> Truth {
        let cell = cell(at: node.a)
        guard cell.tag == .long else { return .unknown }
        let limit = node.c == 1 ? Int64(node.b) : tables.cells[node.b].bits
        switch node.operation {
        case .pathLess: return Truth(cell.bits < limit)
        case .pathLessEqual: return Truth(cell.bits <= limit)
        case .pathGreater: return Truth(cell.bits > limit)
        case _: return Truth(cell.bits >= limit)
        }
    }

    mutating func compare(_ node: CodeNode) -> Truth {
        let left = value(node.a)
        let right = value(node.b)
        guard left.tag == right.tag, left.tag == .long || left.tag == .datetime || left.tag == .duration else {
            return .unknown
        }
        return Truth(node.operation == .less ? left.bits < right.bits : left.bits <= right.bits)
    }

    mutating func equal(_ node: CodeNode) -> Truth {
        let left = value(node.a)
        let right = value(node.b)
        if left.tag == .pending || right.tag == .pending { return .unknown }
        if left.tag == .opaque || right.tag == .opaque { return equalOpaque(left, right) }
        guard left.tag == right.tag else { return .no }
        switch left.tag {
        case .bool, .long, .decimal, .datetime, .duration, .string, .entity: return Truth(left.bits == right.bits)
        case .entitySet:
            guard left.count == right.count else { return .no }
            for place in 0..<left.count
            where tables.members[left.number + place] != tables.members[right.number + place] { return .no }
            return .yes
        // Of records in the store only parts are at hand.
        case .record, .pending, .broken, .absent, .opaque: return .unknown
        }
    }

    private func equalOpaque(_ left: Cell, _ right: Cell) -> Truth {
        let (kind, other) = (Self.kind(left), Self.kind(right))
        guard kind == other else { return .no }
        // An entity without a number differs from all that have one.
        if kind == .entity, left.tag != right.tag { return .no }
        guard let left = whole(left), let right = whole(right) else { return .unknown }
        return Truth(left == right)
    }

    private static func kind(_ cell: Cell) -> Value.Kind? {
        switch cell.tag {
        case .bool: .bool
        case .long: .long
        case .decimal: .decimal
        case .datetime: .datetime
        case .duration: .duration
        case .string: .string
        case .entity: .entity
        case .entitySet: .set
        case .record: .record
        case .opaque: cell.kind
        case .pending, .broken, .absent: nil
        }
    }

    /// The whole value of a cell, if it is at hand.
    func whole(_ cell: Cell) -> Value? {
        switch cell.tag {
        case .bool: .bool(cell.bits != 0)
        case .long: .long(cell.bits)
        case .decimal: .decimal(Decimal(tenThousandths: cell.bits))
        case .datetime: .datetime(Datetime(milliseconds: cell.bits))
        case .duration: .duration(TimeSpan(milliseconds: cell.bits))
        case .string: unsafe .string(program.texts[Int(cell.number)])
        case .entity: unsafe .entity(program.uids[Int(cell.number)])
        case .entitySet:
            .set(
                ValueSet(
                    (cell.number..<cell.number + cell.count).map {
                        unsafe .entity(program.uids[Int(tables.members[$0])])
                    }
                )
            )
        case .opaque: opaque(cell)
        case .record, .pending, .broken, .absent: nil
        }
    }

    /// `in`, whatever stands on its right.
    func isIn(_ left: Cell, _ right: Cell) -> Truth {
        guard Self.kind(left) == .entity else { return .unknown }
        // An entity of the request has ancestors that the program does not know.
        if extras != nil, left.tag == .opaque || tables.entities[left.number].attributeCount < 0 { return .unknown }
        switch right.tag {
        case .entity: return Truth(left.tag == .entity && isDescendant(left.number, right.number))
        case .entitySet:
            guard left.tag == .entity else { return .no }
            for place in right.number..<right.number + right.count
            where isDescendant(left.number, tables.members[place]) { return .yes }
            return .no
        case .opaque:
            guard right.kind == .entity else { return .unknown }
            // One without a number has no descendants but itself.
            return left.tag == .opaque ? Truth(opaque(left) == opaque(right)) : .no
        case .pending, .broken, .absent, .bool, .long, .decimal, .datetime, .duration, .string, .record:
            return .unknown
        }
    }

    private func isDescendant(_ entity: Int32, _ ancestor: Int32) -> Bool {
        if entity == ancestor { return true }
        let row = tables.entities[entity]
        return contains(tables.ancestors, row.firstAncestor, row.ancestorCount, ancestor)
    }

    /// Whether an ascending stretch of a table has a number.
    private func contains(_ table: Table<Int32>, _ first: Int32, _ count: Int32, _ number: Int32) -> Bool {
        var low = first
        var high = first + count
        while high - low > Self.linearMax {
            let middle = low + (high - low) / 2
            if table[middle] <= number { low = middle } else { high = middle }
        }
        while low < high {
            if table[low] == number { return true }
            low += 1
        }
        return false
    }

    mutating func contains(_ node: CodeNode) -> Truth {
        let set = value(node.a)
        let member = value(node.b)
        if member.tag == .pending { return .unknown }
        if set.tag == .entitySet {
            guard member.tag == .entity else { return Self.kind(member) == nil ? .unknown : .no }
            return Truth(contains(tables.members, set.number, set.count, member.number))
        }
        guard set.tag == .opaque, case .set(let set) = opaque(set), let member = whole(member) else { return .unknown }
        return Truth(set.contains(member))
    }

    func isEmpty(_ cell: Cell) -> Truth {
        if cell.tag == .entitySet { return Truth(cell.count == 0) }
        guard cell.tag == .opaque, case .set(let set) = opaque(cell) else { return .unknown }
        return Truth(set.isEmpty)
    }

    mutating func has(_ node: CodeNode) -> Truth {
        if node.a >= 0 {
            let operand = cell(at: node.a)
            if operand.tag == .absent || operand.tag == .broken { return .unknown }
        }
        switch cell(at: node.b).tag {
        case .absent: return .no
        case .broken, .pending: return .unknown
        case .bool, .long, .decimal, .datetime, .duration, .string, .entity, .entitySet, .record, .opaque: return .yes
        }
    }

    mutating func like(_ node: CodeNode) -> Truth {
        let cell = value(node.a)
        if cell.tag == .string {
            return unsafe tables.textSymbols.withBytes(of: cell.number) { bytes in
                unsafe Truth(tables.patterns.matches(node.b, bytes))
            }
        }
        guard cell.tag == .opaque, case .string(let text) = opaque(cell) else { return .unknown }
        var string = text.string
        return string.withUTF8 { bytes in
            unsafe Truth(tables.patterns.matches(node.b, UnsafeRawBufferPointer(bytes)))
        }
    }

    func isType(_ cell: Cell, _ type: Int32) -> Truth {
        if cell.tag == .entity { return Truth(tables.entitySymbols.owner(of: cell.number) == type) }
        guard cell.tag == .opaque, case .entity(let uid) = opaque(cell) else { return .unknown }
        return Truth(tables.types.number(uid.type.name, 0) == type)
    }

    mutating func isTypeIn(_ node: CodeNode) -> Truth {
        let left = value(node.a)
        let holds = isType(left, node.b)
        guard holds == .yes else { return holds }
        let right = value(node.c)
        return isIn(left, right)
    }

    /// Up to this many numbers, looking at each is faster than a binary search.
    private static let linearMax: Int32 = 8
}
