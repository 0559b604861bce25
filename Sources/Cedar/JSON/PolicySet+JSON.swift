public import Bytes

/// Why a JSON text is not policies or a schema.
public enum CedarJSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// It is not JSON.
    case json(JSONError)
    /// It is not Cedar's JSON format of them.
    case format(DecodingError)

    /// What is wrong and where, in one line.
    public var description: String {
        switch self {
        case .json(let error): error.description
        case .format(let error): error.description
        }
    }
}

extension JSONLimits {
    /// The bounds of policies and schemas in JSON.
    ///
    /// A chain such as `a && b && c` nests in JSON, though not in Cedar's syntax; so JSON may nest much deeper than
    /// expressions may, and is read without recursion. How deep the expressions nest is bounded by
    /// ``SourceLimits/nestingMax`` here, too.
    public static let policies = JSONLimits(
        bytesMax: SourceLimits.textBytesMax,
        depthMax: 100_000,
        nodesMax: 16_000_000,
        integerMax: 1 << 63
    )
}

extension PolicySet {
    /// The identifier of a single policy in JSON that is given none, as in the reference implementation.
    public static let idOfPolicyInJSON: Text = "JSON policy"

    /// Reads a JSON text: a policy set, or one policy or template.
    ///
    /// - Throws: ``CedarJSONError`` with the first thing that is wrong; then there is no set.
    public init(parsingJSON bytes: [UInt8]) throws(CedarJSONError) {
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONValue(parsing: bytes, limits: .policies)
        } catch {
            throw .json(error)
        }
        do throws(DecodingError) {
            let isSet = PolicyDecoder.setMembers.contains { json[$0] != nil }
            let isPolicy = PolicyDecoder.policyMembers.contains { json[$0] != nil }
            guard isSet != isPolicy || json.kind != .object else {
                let problem = isSet ? "members of both" : "none of the members"
                throw DecodingError(.invalid("has \(problem) of a policy set and of a policy"))
            }
            if isSet { try self.init(json: json) } else { try self.init(policyJSON: json) }
        } catch {
            throw .format(error)
        }
    }

    /// Reads a policy set: `{"staticPolicies": {id: …}, "templates": {id: …}, "templateLinks": […]}`.
    ///
    /// All three members have to be there, and no others. Nothing is guessed or dropped: an unknown member anywhere, a
    /// template without slots and a static policy with slots are refused.
    ///
    /// - Parameter json: The set; read it with ``JSONLimits/policies``, because chains of operators nest.
    /// - Throws: ``DecodingError`` with the path of the first thing that is wrong.
    public init(json: JSONValue) throws(DecodingError) {
        var decoder = PolicyDecoder()
        self = try decoder.set(json)
    }

    /// Reads a single policy or template: `{"effect": …, "principal": …, "action": …, "resource": …, "conditions": …}`,
    /// with `annotations` if there are any.
    ///
    /// - Throws: ``DecodingError`` with the path of the first thing that is wrong.
    public init(policyJSON json: JSONValue, id: Text = PolicySet.idOfPolicyInJSON) throws(DecodingError) {
        var decoder = PolicyDecoder()
        self = try decoder.single(json, id: id)
    }

    /// The set as JSON that ``init(json:)`` reads: equal to what the reference implementation writes, up to the order
    /// of members.
    public func json() -> [UInt8] {
        var encoder = PolicyEncoder(syntax)
        encoder.write(policies)
        return encoder.writer.bytes
    }

    /// The policy or template at a place as JSON that ``init(policyJSON:id:)`` reads; a linked policy is written with
    /// its slots filled.
    public func json(ofPolicyAt index: Int) -> [UInt8] {
        var encoder = PolicyEncoder(syntax)
        encoder.write(policies[index])
        return encoder.writer.bytes
    }
}
