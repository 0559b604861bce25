import Bytes

/// One decision of a program.
///
/// It lives on the stack of the call that makes it, and borrows the request, the program's tables and the places of
/// paths from there: nothing of it escapes.
///
/// What a mutating function returns is bound to a name before it is passed on to one that only reads: else the whole
/// run is copied first, and the copy knows nothing of what was found.
@safe
struct ProgramRun {
    let tables: Program.Tables
    /// The program; whoever made this run holds it.
    unowned(unsafe) let program: Program
    /// The request; whoever made this run holds it.
    let request: UnsafePointer<Request>
    /// What was found at paths; `pending` where nobody has asked yet.
    let found: UnsafeMutableBufferPointer<Cell>
    let selects: ((PolicyReference) -> Bool)?
    let extras: ProgramExtras?
    var subjects: (principal: Subject, action: Subject, resource: Subject)
    /// The opaque values of this request.
    var values: [Value] = []
    var evaluation = Evaluation()

    /// An entity of the request.
    struct Subject: BitwiseCopyable {
        /// Its number, or -1 if neither a policy nor the store mentions it.
        let entity: Int32
        /// The number of its type, or -1.
        let type: Int32
        /// Its place among the entities of the request, or -1.
        var extra: Int32 = -1
    }

    init(
        _ program: Program,
        _ request: UnsafePointer<Request>,
        _ found: UnsafeMutableBufferPointer<Cell>,
        _ extras: ProgramExtras?,
        selecting selects: ((PolicyReference) -> Bool)?
    ) {
        unsafe self.program = program
        tables = program.tables
        unsafe self.request = unsafe request
        unsafe self.found = unsafe found
        self.selects = selects
        self.extras = extras
        let tables = program.tables
        subjects = unsafe (
            Self.subject(request.pointee.principal, tables), Self.subject(request.pointee.action, tables),
            Self.subject(request.pointee.resource, tables)
        )
        if let extras {
            unsafe subjects.principal.extra = extras.place(of: request.pointee.principal)
            unsafe subjects.action.extra = extras.place(of: request.pointee.action)
            unsafe subjects.resource.extra = extras.place(of: request.pointee.resource)
        }
    }

    /// The entities as the plain evaluator has to see them.
    var entities: Entities { unsafe extras?.entities ?? program.entities }

    static func subject(_ uid: EntityUID, _ tables: Program.Tables) -> Subject {
        let type = tables.types.number(uid.type.name, 0)
        guard type >= 0 else { return Subject(entity: -1, type: -1) }
        return Subject(entity: tables.entitySymbols.number(uid.id, type), type: type)
    }

    @inline(__always)
    func subject(_ variable: Int32) -> Subject {
        variable == 0 ? subjects.principal : variable == 1 ? subjects.action : subjects.resource
    }

    func uid(_ variable: Int32) -> EntityUID {
        unsafe variable == 0
            ? request.pointee.principal : variable == 1 ? request.pointee.action : request.pointee.resource
    }
}

// MARK: - Paths

extension ProgramRun {
    /// What is at a path.
    @inline(__always)
    mutating func cell(at path: Int32) -> Cell {
        let known = unsafe found[Int(path)]
        if known.tag != .pending { return known }
        return find(path)
    }

    private mutating func find(_ path: Int32) -> Cell {
        let row = tables.paths[path]
        let cell: Cell
        let end = row.firstName + row.nameCount
        if row.variable == .context {
            cell = unsafe follow(request.pointee.context, row.firstName, end)
        } else if let extra = extra(row.variable.rawValue) {
            cell = follow(extra.attributes, row.firstName, end)
        } else {
            cell = follow(subjectCell(row.variable.rawValue), row.firstName, end)
        }
        unsafe found[Int(path)] = cell
        return cell
    }

    /// The entity of a variable as a cell; without a number it is in no store, and every attribute of it is missing.
    private func subjectCell(_ variable: Int32) -> Cell {
        let number = subject(variable).entity
        return number < 0 ? Cell(tag: .opaque, kind: .entity) : .entity(number)
    }

    /// What the request itself says of the entity of a variable, if it says anything.
    func extra(_ variable: Int32) -> ProgramExtras.Row? {
        guard let extras else { return nil }
        let place = subject(variable).extra
        return place < 0 ? nil : extras.rows[Int(place)]
    }

    /// Follows names from a value of the store; `pending` where an entity of the request may be meant.
    private func follow(_ start: Cell, _ firstName: Int32, _ end: Int32) -> Cell {
        var cell = start
        for place in firstName..<end {
            let first: Int32
            let count: Int32
            switch cell.tag {
            case .entity:
                let row = tables.entities[cell.number]
                if extras != nil, row.attributeCount < 0 { return .pending }
                first = row.firstAttribute
                count = row.attributeCount
            case .record:
                first = cell.number
                count = cell.count
            case .opaque:
                guard cell.kind == .entity else { return .broken }
                return extras == nil ? .absent : .pending
            case .pending, .broken, .absent, .bool, .long, .decimal, .datetime, .duration, .string, .entitySet:
                return .broken
            }
            let name = tables.pathNames[place]
            var next: Cell?
            var attribute = first
            while attribute < first + count {
                let row = tables.attributes[attribute]
                if row.name == name {
                    next = row.cell
                    break
                }
                attribute += 1
            }
            guard let next else { return .absent }
            cell = next
        }
        return cell
    }

    /// Follows names from a record of the request.
    private mutating func follow(_ start: Record, _ firstName: Int32, _ end: Int32) -> Cell {
        var record = start
        for place in firstName..<end {
            guard let value = unsafe record[program.names[Int(tables.pathNames[place])]] else { return .absent }
            if place + 1 == end { return cell(value) }
            switch value {
            case .record(let inner): record = inner
            case .entity:
                let entity = cell(value)
                return follow(entity, place + 1, end)
            case .bool, .long, .string, .set, .decimal, .ipaddr, .datetime, .duration: return .broken
            }
        }
        return .broken
    }

    /// A value of the request, or one that was computed, as a cell.
    mutating func cell(_ value: Value) -> Cell {
        if let cell = Cell(scalar: value) { return cell }
        if case .entity(let uid) = value {
            let number = Self.subject(uid, tables).entity
            if number >= 0 { return .entity(number) }
        }
        values.append(value)
        return Cell(opaque: value, at: -values.count)
    }

    /// The whole value of an opaque cell.
    func opaque(_ cell: Cell) -> Value {
        cell.bits >= 0 ? unsafe program.values[Int(cell.bits)] : values[Int(-cell.bits) - 1]
    }

    /// The kinds of what was found.
    func kinds(_ cell: Cell) -> CellKinds {
        switch cell.tag {
        case .pending, .broken: .none
        case .absent: .absent
        case .bool: .bool
        case .long: .long
        case .decimal: .decimal
        case .datetime: .datetime
        case .duration: .duration
        case .string: .string
        case .entity: .entity
        case .entitySet: .entitySet
        case .record: .record
        case .opaque: cell.kind == .set ? CellKinds(of: opaque(cell)) : CellKinds(cell.kind)
        }
    }
}
