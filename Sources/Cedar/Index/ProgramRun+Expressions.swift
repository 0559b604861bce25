import Bytes

/// What comes of an expression that has to be a truth value.
enum Truth: UInt8 {
    case no
    case yes
    /// It has no value, or it cannot be told here: the plain evaluator tells.
    case unknown

    init(_ value: Bool) { self = value ? .yes : .no }
}

extension ProgramRun {
    /// Whether an expression holds.
    ///
    /// Recursion is bounded: no expression nests deeper than ``SourceLimits/nestingMax``.
    mutating func truth(_ index: Int32) -> Truth {
        let node = tables.nodes[index]
        switch node.operation {
        case .variableEquals: return Truth(subject(node.a).entity == node.b)
        case .variableIn: return Truth(isInGroup(node.a, node.b))
        case .variableInAny: return variableInAny(node)
        case .variableIs: return Truth(subject(node.a).type == node.b)
        case .pathLess, .pathLessEqual, .pathGreater, .pathGreaterEqual: return comparePath(node)
        case .and: return sequence(node, while: .yes)
        case .or: return sequence(node, while: .no)
        case .not: return Self.not(truth(node.a))
        case .ifThenElse: return choose(node)
        case .equal: return equal(node)
        case .less, .lessEqual: return compare(node)
        case .in:
            let left = value(node.a)
            let right = value(node.b)
            return isIn(left, right)
        case .contains: return contains(node)
        case .isEmpty:
            let set = value(node.a)
            return isEmpty(set)
        case .has: return has(node)
        case .like: return like(node)
        case .is:
            let operand = value(node.a)
            return isType(operand, node.b)
        case .isIn: return isTypeIn(node)
        case .constant, .variable, .path, .negate, .arithmetic, .call, .general:
            let cell = value(index)
            return cell.tag == .bool ? Truth(cell.bits != 0) : .unknown
        }
    }

    /// The value of an expression; `pending` if it has none, or if it cannot be told here.
    mutating func value(_ index: Int32) -> Cell {
        let node = tables.nodes[index]
        switch node.operation {
        case .constant: return tables.cells[node.a]
        case .variable: return variable(node.a)
        case .path:
            let cell = cell(at: node.a)
            return cell.tag == .absent || cell.tag == .broken ? .pending : cell
        case .ifThenElse:
            switch truth(node.a) {
            case .yes: return value(node.b)
            case .no: return value(node.c)
            case .unknown: return .pending
            }
        case .negate: return negate(value(node.a))
        case .arithmetic: return arithmetic(node)
        case .call: return call(node)
        case .general: return general(node)
        case .and, .or, .not, .equal, .less, .lessEqual, .in, .contains, .isEmpty, .has, .like, .is, .isIn,
            .variableEquals, .variableIn, .variableInAny, .variableIs, .pathLess, .pathLessEqual, .pathGreater,
            .pathGreaterEqual:
            let result = truth(index)
            return result == .unknown ? .pending : .bool(result == .yes)
        }
    }

    private static func not(_ truth: Truth) -> Truth {
        switch truth {
        case .yes: .no
        case .no: .yes
        case .unknown: .unknown
        }
    }

    private mutating func sequence(_ node: CodeNode, while wanted: Truth) -> Truth {
        for place in node.a..<node.a + node.b {
            let result = truth(tables.children[place])
            if result != wanted { return result }
        }
        return wanted
    }

    private mutating func choose(_ node: CodeNode) -> Truth {
        switch truth(node.a) {
        case .yes: truth(node.b)
        case .no: truth(node.c)
        case .unknown: .unknown
        }
    }

    private mutating func variable(_ variable: Int32) -> Cell {
        let number = subject(variable).entity
        if number >= 0 { return .entity(number) }
        let value = Value.entity(uid(variable))
        values.append(value)
        return Cell(opaque: value, at: -values.count)
    }

    private mutating func negate(_ cell: Cell) -> Cell {
        guard cell.tag == .long else { return .pending }
        let (result, overflow) = Int64(0).subtractingReportingOverflow(cell.bits)
        return overflow ? .pending : Cell(tag: .long, bits: result)
    }

    private mutating func arithmetic(_ node: CodeNode) -> Cell {
        let first = value(tables.children[node.a])
        guard first.tag == .long else { return .pending }
        var result = first.bits
        for place in 0..<node.b - 1 {
            let pair = node.a + 1 + 2 * place
            let operand = value(tables.children[pair + 1])
            guard operand.tag == .long, let operation = ArithmeticOperator(rawValue: tables.children[pair]) else {
                return .pending
            }
            let (partial, overflow) =
                switch operation {
                case .add: result.addingReportingOverflow(operand.bits)
                case .subtract: result.subtractingReportingOverflow(operand.bits)
                case .multiply: result.multipliedReportingOverflow(by: operand.bits)
                }
            if overflow { return .pending }
            result = partial
        }
        return Cell(tag: .long, bits: result)
    }

    private mutating func call(_ node: CodeNode) -> Cell {
        guard let function = ExtensionFunction(rawValue: node.a) else { return .pending }
        var arguments: [Value] = []
        arguments.reserveCapacity(Int(node.c))
        for place in node.b..<node.b + node.c {
            let argument = value(tables.children[place])
            guard let argument = whole(argument) else { return .pending }
            arguments.append(argument)
        }
        guard let result = try? function.call(arguments) else { return .pending }
        return cell(result)
    }

    /// Asks the plain evaluator for the value of one expression.
    private mutating func general(_ node: CodeNode) -> Cell {
        let evaluator = unsafe Evaluator(
            arena: program.policySets[Int(node.b)].code,
            request: request.pointee,
            entities: entities
        )
        guard let result = try? evaluator.evaluate(node.a) else { return .pending }
        return cell(result)
    }
}
