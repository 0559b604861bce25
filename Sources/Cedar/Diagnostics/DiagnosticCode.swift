extension Diagnostic {
    /// What kind of thing is wrong; stable, for programs.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code's name, such as `unknown_variable`.
        public let description: String

        /// Makes a code.
        ///
        /// - Parameter name: Lower-case words joined by `_`.
        public init(_ name: String) {
            description = name
        }
    }
}

// MARK: - Reading text

extension Diagnostic.Code {
    /// Bytes that are no token of the language.
    public static let invalidToken = Self("invalid_token")
    /// Another token than the grammar allows here.
    public static let unexpectedToken = Self("unexpected_token")
    /// The text ends inside something.
    public static let unexpectedEnd = Self("unexpected_end")
    /// A named limit is exceeded: size, number or nesting.
    public static let limitExceeded = Self("limit_exceeded")
    /// A string or pattern has an escape that does not exist.
    public static let invalidEscape = Self("invalid_escape")
    /// An integer literal does not fit in 64 bits.
    public static let integerTooLarge = Self("integer_too_large")
    /// A reserved word stands where a name should be.
    public static let reservedIdentifier = Self("reserved_identifier")
    /// A name is given twice: an annotation, a record key, a declaration.
    public static let duplicate = Self("duplicate")
    /// The scope of a policy is not of one of its forms.
    public static let invalidScope = Self("invalid_scope")
    /// A template slot stands where none can be.
    public static let misplacedSlot = Self("misplaced_slot")
    /// A name is not a variable.
    public static let unknownVariable = Self("unknown_variable")
    /// A called name is no function or method, or is called in the other's manner.
    public static let unknownFunction = Self("unknown_function")
    /// A method of sets or tags is called with another number of arguments than it has.
    public static let wrongArgumentCount = Self("wrong_argument_count")
    /// An operator cannot stand here, or does not exist.
    public static let invalidOperator = Self("invalid_operator")
    /// A type name refers to nothing, or to a thing of another kind.
    public static let unknownType = Self("unknown_type")
    /// An action name refers to nothing.
    public static let unknownAction = Self("unknown_action")
    /// Declarations refer to each other in a circle.
    public static let cycle = Self("cycle")
    /// A declaration hides one of the same name without namespace (RFC 70).
    public static let shadowing = Self("shadowing")
    /// A declaration is well formed, but means nothing valid.
    public static let invalidDeclaration = Self("invalid_declaration")
}

// MARK: - Evaluating

extension Diagnostic.Code {
    /// An attribute or tag is asked of an entity that is not in the store.
    public static let entityDoesNotExist = Self("entity_does_not_exist")
    /// An entity or record has no attribute of that name.
    public static let attributeDoesNotExist = Self("attribute_does_not_exist")
    /// An entity has no tag of that name.
    public static let tagDoesNotExist = Self("tag_does_not_exist")
    /// A value is of another type than the operation takes.
    public static let typeError = Self("type_error")
    /// The result of an arithmetic operation does not fit in 64 bits.
    public static let integerOverflow = Self("integer_overflow")
    /// A function of an extension type has no result for its argument.
    public static let extensionFunctionFailed = Self("extension_function_failed")
}
