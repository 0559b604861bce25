public import Bytes

/// A schema as it is written, with annotations (RFC 48), before its names are given their meaning.
///
/// It is what translates between Cedar's syntax and JSON; ``Schema`` is what policies and entities are checked against.
public struct SchemaFragment: Sendable {
    let syntax: SchemaSyntax
    private let origin: Origin

    /// What the places in the syntax refer to.
    private enum Origin: Sendable {
        /// Bytes of this text.
        case text([UInt8])
        /// Indexes of these paths.
        case json([String])
    }

    /// Reads a schema in Cedar's syntax.
    ///
    /// - Throws: ``SyntaxError`` with what is wrong in the text; what its names mean is not asked.
    public init(parsing text: Text) throws(SyntaxError) {
        try self.init(parsing: Array(text.utf8))
    }

    /// Reads a schema in Cedar's syntax from UTF-8 bytes.
    ///
    /// - Throws: ``SyntaxError`` with what is wrong in the text; what its names mean is not asked.
    public init(parsing bytes: [UInt8]) throws(SyntaxError) {
        try SourceCheck.check(bytes)
        var parser = SchemaParser(bytes)
        syntax = try parser.parse()
        origin = .text(bytes)
    }

    /// Reads a schema in JSON.
    ///
    /// - Throws: ``CedarJSONError`` with the first thing that is wrong; what its names mean is not asked.
    public init(parsingJSON bytes: [UInt8]) throws(CedarJSONError) {
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONValue(parsing: bytes, limits: .policies)
        } catch {
            throw .json(error)
        }
        do throws(DecodingError) {
            try self.init(json: json)
        } catch {
            throw .format(error)
        }
    }

    /// Reads a schema in JSON: `{"Namespace": {"entityTypes": {…}, "actions": {…}, "commonTypes": {…}}}`.
    ///
    /// Unknown members are refused everywhere, and so are records that may have more attributes than they declare.
    ///
    /// - Throws: ``DecodingError`` with the path of the first thing that is wrong; what its names mean is not asked.
    public init(json: JSONValue) throws(DecodingError) {
        var decoder = SchemaDecoder()
        syntax = try decoder.schema(json)
        origin = .json(decoder.paths)
    }

    /// The schema as JSON, equal to what the reference implementation writes, up to the order of members.
    public func json() -> [UInt8] {
        var encoder = SchemaEncoder()
        encoder.write(syntax)
        return encoder.writer.bytes
    }

    /// The schema in Cedar's syntax, laid out as by the reference implementation.
    ///
    /// An action that applies to no principals or to no resources has no context there: it can never be asked for.
    ///
    /// - Throws: ``SchemaTextError`` if Cedar's syntax cannot say what JSON said.
    public func cedarText() throws(SchemaTextError) -> Text {
        var writer = SchemaWriter(syntax)
        return Text(try writer.write())
    }

    /// The schema with the meaning of its names.
    ///
    /// - Throws: ``SchemaError`` with what is wrong.
    public func resolved() throws(SchemaError) -> Schema {
        var resolver = SchemaResolver(syntax)
        if let (entityTypes, actions) = resolver.resolve() {
            return Schema(entityTypes: entityTypes, actions: actions)
        }
        switch origin {
        case .text(let bytes): throw .syntax(SyntaxError(resolver.failures, in: bytes))
        case .json(let paths):
            let failure = resolver.failures.first
            let path = failure.map { paths[Int($0.range.start)] } ?? ""
            throw .json(DecodingError(.invalid(failure?.message ?? "invalid schema"), at: path))
        }
    }
}

/// Why a schema does not mean anything.
public enum SchemaError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong with a schema in Cedar's syntax.
    case syntax(SyntaxError)
    /// What is wrong, first of all, with a schema in JSON.
    case json(DecodingError)

    /// What is wrong and where, in one line.
    public var description: String {
        switch self {
        case .syntax(let error): error.description
        case .json(let error): error.description
        }
    }
}

/// Why a schema in JSON cannot be written in Cedar's syntax.
public enum SchemaTextError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A name is meant as an entity type, but Cedar's syntax would take it for a common type, or the other way round.
    case nameCollision(Text)
    /// The shape of an entity type is the name of a common type, which Cedar's syntax does not have.
    case namedShape(entityType: Text)

    /// What cannot be written, in one line.
    public var description: String {
        switch self {
        case .nameCollision(let name):
            "`\(name)` names an entity type and a common type, which Cedar's syntax cannot tell apart"
        case .namedShape(let type):
            "the shape of entity type `\(type)` is the name of a type, which Cedar's syntax does not have"
        }
    }
}

extension Schema {
    /// Reads a schema in JSON.
    ///
    /// - Throws: ``CedarJSONError`` with the first thing that is wrong, in the text or in the meaning of its names.
    public init(parsingJSON bytes: [UInt8]) throws(CedarJSONError) {
        let fragment = try SchemaFragment(parsingJSON: bytes)
        do throws(SchemaError) {
            self = try fragment.resolved()
        } catch {
            switch error {
            case .json(let error): throw .format(error)
            case .syntax(let error): throw .format(DecodingError(.invalid(error.description)))
            }
        }
    }
}
