/// What one node of a program's code does.
enum CodeOperation: UInt8, BitwiseCopyable, Sendable {
    /// `a`: a cell.
    case constant
    /// `a`: raw value of ``Variable``, not the context.
    case variable
    /// `a`: a path.
    case path
    /// `a`, `b`, `c`: condition and branches.
    case ifThenElse
    /// `a`, `b`: first child and number of children.
    case and
    /// As `and`.
    case or
    /// `a`: operand.
    case not
    /// `a`: operand.
    case negate
    /// As ``Operation/arithmetic``.
    case arithmetic
    /// `a`, `b`: operands; so for all binary operations.
    case equal
    case less
    case lessEqual
    case `in`
    case contains
    case isEmpty
    /// `a`: path of the operand or -1 for a variable; `b`: path of the attribute that is asked for.
    case has
    /// `a`: operand; `b`: a pattern.
    case like
    /// `a`: operand; `b`: a type, or -1 for one that no entity of the program has.
    case `is`
    /// `a`: operand; `b`: a type; `c`: operand of `in`.
    case isIn
    /// `a`: raw ``ExtensionFunction``; `b`, `c`: first child and number of arguments.
    case call
    /// `a`: a node of the expressions of the set `b`, for the plain evaluator.
    case general
    /// `a`: a variable; `b`: an entity.
    case variableEquals
    /// `a`: a variable; `b`: an entity that policies mention.
    case variableIn
    /// `a`: a variable; `b`, `c`: first child and number of children, which are entities that policies mention.
    case variableInAny
    /// `a`: a variable; `b`: a type.
    case variableIs
    /// `a`: a path; `b`: an integer if `c` is 1, else a cell with one. The path is less.
    case pathLess
    case pathLessEqual
    case pathGreater
    case pathGreaterEqual
}

/// One node of a program's code: trivial.
struct CodeNode: BitwiseCopyable, Sendable {
    var operation: CodeOperation
    var a: Int32 = 0
    var b: Int32 = 0
    var c: Int32 = 0
}
