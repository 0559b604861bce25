/// A token of Cedar's policy and schema languages: a kind and its place.
struct Token {
    enum Kind: UInt8 {
        case end
        case invalid
        case identifier
        case number
        case string
        case slot
        case at
        case dot
        case comma
        case semicolon
        case colon
        case doubleColon
        case leftParenthesis
        case rightParenthesis
        case leftBrace
        case rightBrace
        case leftBracket
        case rightBracket
        case equal
        case notEqual
        case less
        case lessEqual
        case greater
        case greaterEqual
        case or
        case and
        case plus
        case minus
        case star
        case slash
        case percent
        case bang
        case assign
        case question
    }

    let kind: Kind
    let range: ByteRange
    /// Which word an identifier is, if it is one that the grammar knows.
    let word: Word
}

/// The words that have a meaning somewhere in the languages; each is an identifier elsewhere, unless it is reserved.
enum Word: String, CaseIterable {
    case none = ""
    case `true`
    case `false`
    case `if`
    case then
    case `else`
    case `in`
    case `is`
    case like
    case has
    case cedar = "__cedar"
    case permit
    case forbid
    case when
    case unless
    case principal
    case action
    case resource
    case context
    case namespace
    case entity
    case type
    case set = "Set"
    case appliesTo
    case attributes
    case tags
    case `enum`

    /// Whether the word can never be a name.
    var isReserved: Bool {
        switch self {
        case .true, .false, .if, .then, .else, .in, .is, .like, .has, .cedar: true
        case .none, .permit, .forbid, .when, .unless, .principal, .action, .resource, .context, .namespace, .entity,
            .type,
            .set, .appliesTo, .attributes, .tags, .enum:
            false
        }
    }
}

extension Token.Kind {
    /// How messages name the token.
    var text: String {
        switch self {
        case .end: "end of text"
        case .invalid: "invalid text"
        case .identifier: "identifier"
        case .number: "number"
        case .string: "string"
        case .slot: "template slot"
        case .at: "`@`"
        case .dot: "`.`"
        case .comma: "`,`"
        case .semicolon: "`;`"
        case .colon: "`:`"
        case .doubleColon: "`::`"
        case .leftParenthesis: "`(`"
        case .rightParenthesis: "`)`"
        case .leftBrace: "`{`"
        case .rightBrace: "`}`"
        case .leftBracket: "`[`"
        case .rightBracket: "`]`"
        case .equal: "`==`"
        case .notEqual: "`!=`"
        case .less: "`<`"
        case .lessEqual: "`<=`"
        case .greater: "`>`"
        case .greaterEqual: "`>=`"
        case .or: "`||`"
        case .and: "`&&`"
        case .plus: "`+`"
        case .minus: "`-`"
        case .star: "`*`"
        case .slash: "`/`"
        case .percent: "`%`"
        case .bang: "`!`"
        case .assign: "`=`"
        case .question: "`?`"
        }
    }
}
