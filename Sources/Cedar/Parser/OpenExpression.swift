/// The levels of one expression that are open while it is read, from the loosest to the tightest operator.
///
/// The parser keeps them here instead of in one function call for each level: every call on the way to a nested
/// expression costs stack, and nesting is what hostile text has most of.
struct OpenExpression {
    /// A relation whose left side has been read.
    enum Relation {
        /// A comparison, or `in`.
        case comparison(Operation)
        /// `is T in`, with the index of the type.
        case typeIn(Int32)
    }

    /// The operands of `||`, and where the first begins.
    var alternatives: [Int32] = []
    var start: Int32
    /// The operands of `&&`, and where the first begins.
    var conjuncts: [Int32] = []
    var conjunctsStart: Int32
    /// The left side and the operator of a relation, and where it begins.
    var relation: (left: Int32, Relation)?
    var relationStart: Int32
    /// The operands of `+` and `-`, with the operators between them, and where the first begins.
    var terms: [Int32] = []
    var termsStart: Int32
    /// The operands of `*`, with the operators between them, and where the first begins.
    var factors: [Int32] = []
    var factorsStart: Int32

    init(start: Int32) {
        self.start = start
        conjunctsStart = start
        relationStart = start
        termsStart = start
        factorsStart = start
    }

    /// The levels, so that a level that begins lets those inside it begin, too.
    enum Level {
        case term
        case operand
        case relation
        case conjunct
    }

    /// Notes that the operator before the next operand of a level has been read.
    mutating func begin(_ level: Level, at place: Int32) {
        switch level {
        case .term: factorsStart = place
        case .operand: (factorsStart, termsStart) = (place, place)
        case .relation: (factorsStart, termsStart, relationStart) = (place, place, place)
        case .conjunct: (factorsStart, termsStart, relationStart, conjunctsStart) = (place, place, place, place)
        }
    }
}
